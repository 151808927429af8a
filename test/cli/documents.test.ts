import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bootstrap, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { readSource, ROOT } from '../support/source-files.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

let daemon: TestDaemon
let sandbox: Sandbox
beforeEach(async () => {
  sandbox = createSandbox()
  daemon = await startTestDaemon()
  await bootstrap(daemon.api, daemon.dataDir, 'root.operator')
  await sandbox.run({
    argv: ['login', '--server', daemon.url, '--username', 'root.operator', '--password-stdin'],
    stdin: { text: PASSWORD },
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
    .filter((block) => /^(?:\.\/)?authctl (?:policies|services|access|init --policies)/m.test(block))
    .join('\n')

/**
 * The command asks this process, which runs the command line without a process for each command, and reads
 * the exit code and the output from a pipe.
 */
const AUTHCTL = `authctl() {
  { printf '%s' "$PWD"; printf '\\t%s' "$@"; echo; } >&3
  { read -r code; cat; } <"$ANSWERS"
  return "$code"
}`

/** Types the commands into one shell, as a reader does who is signed in as super-admin. */
const type = async (commands: string): Promise<string> => {
  const answers = join(sandbox.directory, 'answers')
  execFileSync('mkfifo', [answers])
  const shell = spawn('/bin/sh', ['-c', `set -e\n${AUTHCTL}\n${commands}`], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: sandbox.directory,
      AUTHCTL_CONFIG_DIR: sandbox.configDirectory,
      ANSWERS: answers,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  shell.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')))
  shell.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')))
  const closed = once(shell, 'close') as Promise<[number]>
  for await (const line of createInterface({ input: shell.stdio[3] as Readable })) {
    const [cwd = ROOT, ...argv] = line.split('\t')
    const outcome = await sandbox.run({ argv, cwd })
    stderr += outcome.stderr
    await writeFile(answers, `${outcome.code}\n${outcome.stdout}`)
  }
  const [code] = await closed
  if (code !== 0) throw new Error(`the shell ends with ${code}: ${stderr}`)
  return stdout
}

test.each([
  ['README.md', /\tactive\t[^]*orders\.total is 900, wanted NumericLessThanEquals 500/],
  ['docs/policies.md', /\tactive\t[^]*deny, decides\troot\/read-only NoRefunds \(read-only\.json:7:5\)/],
  [
    'docs/policies-as-code.md',
    /Set namma-rides in root, before its first change[^]*\+ document orders-clerk comes \(documents\/orders-clerk\.json:3:9\)[^]*\nObjects: no changes\n[^]*\n1 \(in force\)\t/,
  ],
  ['examples/policies/README.md', /\tTrial\t[^]*decision\tDENY_EXPLICIT/],
])('the commands of %s do what is said there, one after the other', async (file, shown) => {
  // What lies in the folder of an example is typed there.
  const folder = file.startsWith('examples/') ? `cd ${dirname(file)}\n` : ''
  const commands = folder + commandsOf(file)
  expect(commands).not.toContain('…')
  // The first goes through the launcher of the checkout, the others do not wait for it again.
  const [before, ...rest] = commands.split('./authctl')
  const typed = rest.length === 0 ? commands : `${before}./authctl${rest.join('authctl')}`
  expect(await type(typed)).toMatch(shown)
})
