import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, writeFileSync } from 'node:fs'
import { argv } from 'node:process'
import { delimiter } from 'node:path'
import { withLock } from './lock.ts'
import { digestSources, isStale, ROOT, STAMP } from './sources.ts'

const PATH = `${ROOT}node_modules/.bin${delimiter}${process.env['PATH'] ?? ''}`

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { cwd: ROOT, env: { ...process.env, PATH }, stdio: ['ignore', 2, 2] })
}

/**
 * Builds the SDK, the daemon and the command line into `dist` and `sdk/dist`; everything it prints goes to
 * stderr.
 */
const build = (): void => {
  const digest = digestSources()
  run('npm', 'run', '--silent', 'build', '--workspace', 'sdk')
  run('tsup', '--silent')
  run('node', 'scripts/build-validators.ts')
  run('node', 'scripts/copy-docs-assets.ts')
  if (existsSync(`${ROOT}policies/managed`))
    cpSync(`${ROOT}policies/managed`, `${ROOT}dist/policies/managed`, { recursive: true })
  chmodSync(`${ROOT}dist/cli/bin.js`, 0o755)
  run('npm', 'run', '--silent', 'build:manifest')
  // Its generator is a command without arguments, and oclif warns that it reads none.
  run('node', '--disable-warning=UnparsedCommand', 'scripts/build-completion.ts')
  writeFileSync(`${ROOT}${STAMP}`, digest)
}

const onlyIfStale = argv.includes('--if-stale')
if (!onlyIfStale || isStale()) {
  await withLock(`${ROOT}node_modules/.cache/authctl/build.lock`, () => {
    if (onlyIfStale && !isStale()) return
    const start = performance.now()
    process.stderr.write('building ...\n')
    build()
    process.stderr.write(`built in ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
  })
}
