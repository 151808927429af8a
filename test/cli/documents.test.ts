import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostSettings, type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { readSource, ROOT } from '../support/source-files.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'
import { BIN } from './spawn-cli.ts'

const PASSWORD = 'a lantern above nine quiet harbours'
const execute = promisify(execFile)

let daemon: RunningDaemon
let sandbox: Sandbox
beforeEach(async () => {
  sandbox = createSandbox()
  daemon = await startDaemon()
  const env = hostSettings(daemon)
  const stdin = { text: PASSWORD }
  await sandbox.run({ argv: ['bootstrap', '--username', 'root.operator', '--password-stdin'], env, stdin })
  await sandbox.run({
    argv: ['login', '--server', daemon.url, '--username', 'root.operator', '--password-stdin'],
    stdin,
  })
})
afterEach(async () => {
  await daemon.stop()
  sandbox.remove()
})

/** The commands about policies that a document shows, in their order. */
const commandsOf = (file: string): string =>
  [...readSource(file).matchAll(/^```sh\n([^]*?)^```$/gm)]
    .map(([, block = '']) => block)
    .filter((block) => /^(?:\.\/)?authctl (?:policies|services|access)/m.test(block))
    .join('\n')

/** Types the commands into one shell, as a reader does who is signed in as super-admin. */
const type = async (commands: string): Promise<string> => {
  const script = `set -e\nauthctl() { "${process.execPath}" "${BIN}" "$@"; }\n${commands}`
  const env = {
    PATH: process.env['PATH'],
    HOME: sandbox.directory,
    AUTHCTL_CONFIG_DIR: sandbox.configDirectory,
  }
  return (await execute('/bin/sh', ['-c', script], { cwd: ROOT, env })).stdout
}

test.each([
  ['README.md', /\tactive\t[^]*orders\.total is 900, wanted NumericLessThanEquals 500/],
  ['docs/policies.md', /\tactive\t[^]*deny, decides\troot\/read-only NoRefunds \(read-only\.json:7:5\)/],
  ['examples/policies/README.md', /\tTrial\t[^]*decision\tDENY_EXPLICIT/],
])('the commands of %s do what is said there, one after the other', async (file, shown) => {
  const commands = commandsOf(file)
  expect(commands).not.toContain('…')
  expect(await type(commands)).toMatch(shown)
})
