import { MongoMemoryServer } from 'mongodb-memory-server'
import type { ProvidedContext } from 'vitest'
import type { TestProject } from 'vitest/node'
import build from './global-setup.ts'
import { findMongod, LAUNCH_MS } from './mongod.ts'

/** What the suites that need MongoDB are given: one standalone server for all, or why there is none. */
export type MongoForTests =
  { readonly uri: string; readonly binary: string } | { readonly missing: string; readonly uri?: never }

declare module 'vitest' {
  interface ProvidedContext {
    mongo: MongoForTests
  }
}

/**
 * Starts one mongod for all projects of the run. Without one, the run fails in CI; elsewhere its suites are
 * skipped and say why.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  build(project)
  const run = project.vitest.getRootProject()
  const { mongo }: Partial<ProvidedContext> = run.getProvidedContext()
  if (mongo !== undefined) return undefined
  let binary: string
  try {
    binary = await findMongod()
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    run.provide('mongo', { missing: (error as Error).message })
    return undefined
  }
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: binary },
    instance: {
      storageEngine: 'wiredTiger',
      launchTimeout: LAUNCH_MS,
      args: ['--setParameter', 'ttlMonitorSleepSecs=1'],
    },
  })
  run.provide('mongo', { uri: server.getUri(), binary })
  return async () => void (await server.stop())
}
