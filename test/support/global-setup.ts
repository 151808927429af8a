import { execFileSync } from 'node:child_process'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import { ROOT } from './source-files.ts'

declare module 'vitest' {
  interface ProvidedContext {
    isBuilt: true
  }
}

/**
 * Suites run the built daemon and command line: build them when the sources have changed, however vitest was
 * started, once for all projects.
 */
export default function setup(project: TestProject): void {
  const run = project.vitest.getRootProject()
  const { isBuilt }: Partial<ProvidedContext> = run.getProvidedContext()
  if (isBuilt === true) return
  execFileSync(process.execPath, ['scripts/build.ts', '--if-stale'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  run.provide('isBuilt', true)
}
