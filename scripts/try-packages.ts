import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ENV, run, withPacked } from './packed.ts'
import { freePort } from './free-port.ts'

/** Long: CI runs this on what time of the processors is left over. */
const READY_MS = 600_000

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const isHealthy = async (cwd: string, bin: string, env: NodeJS.ProcessEnv): Promise<boolean> => {
  const [code] = (await once(spawn(bin, ['healthcheck'], { cwd, env, stdio: 'ignore' }), 'exit')) as [
    number | null,
  ]
  return code === 0
}

const tryDaemon = async (cwd: string, bin: string): Promise<void> => {
  const env = { ...ENV, PORT: String(await freePort()), AUTHCTL_DATA_DIR: join(cwd, 'data') }
  const daemon = spawn(bin, ['start'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
  const exited = once(daemon, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  const deadline = Date.now() + READY_MS
  let healthy = false
  while (!healthy && daemon.exitCode === null && Date.now() < deadline) {
    healthy = await isHealthy(cwd, bin, env)
    if (!healthy) await sleep(100)
  }
  daemon.kill('SIGTERM')
  const [code, signal] = await exited
  if (!healthy) throw new Error('the installed daemon did not become healthy')
  if (code !== 0)
    throw new Error(`the installed daemon ended with ${signal ?? code} after SIGTERM instead of 0`)
}

/**
 * Installs the tarball in an empty folder, as a user would, and tries the command line and the daemon from
 * there. `test/sdk/consumers.test.ts` tries that of the SDK.
 */
await withPacked(async ({ folder, authctl }) => {
  const cwd = join(folder, 'empty')
  mkdirSync(cwd)
  writeFileSync(join(cwd, 'package.json'), '{ "private": true }\n')
  say(run(cwd, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', authctl).trim())
  const bin = join(cwd, 'node_modules/.bin/authctl')
  const help = run(cwd, bin, '--help')
  if (!help.includes('start')) throw new Error(`authctl --help does not name the commands:\n${help}`)
  say('authctl --help works')
  await tryDaemon(cwd, bin)
  say('authctl start became healthy and ended with 0 on SIGTERM')
})
