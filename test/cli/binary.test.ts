import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

const { commands } = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8')) as {
  commands: Readonly<Record<string, unknown>>
}
const ids = Object.keys(commands).sort()
/** What the kinds of account have in common is one implementation: it runs for admins. */
const SAME_AS_ADMINS = /^(superadmins|clients|subclients|users):(?!recover)/
const ownImplementation = ids.filter((id) => !SAME_AS_ADMINS.test(id))
/** One command of each topic starts as a process: the others differ from it by what is loaded only. */
const topicOf = (id: string): string => id.split(':')[0] ?? ''
const started = new Set(
  ownImplementation.filter((id, at) => topicOf(id) !== topicOf(ownImplementation[at - 1] ?? '')),
)

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

// Other suites run command lines inside their own process; here the built binary itself starts.
describe.concurrent('the built binary as a process', () => {
  test.each(ownImplementation)(
    '%s starts, reads its flags and exits 64 for one that it does not know',
    async (id) => {
      const run = started.has(id) ? sandbox.spawn : sandbox.run
      const { code, stdout, stderr } = await run({ argv: [...id.split(':'), '--nope'] })
      expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
      expect(stderr).toMatch(/^Error: [^\n]*--nope[^\n]*\n[^\n]+\n$/)
    },
  )

  test('CLI-C9: doctor names the command line as the reader can type it', async () => {
    const { stdout } = await sandbox.spawn({ argv: ['doctor', '--json'], env: { PORT: '2' } })
    const { checks } = JSON.parse(stdout) as { checks: { name: string; fix?: string }[] }
    const { fix } = checks.find(({ name }) => name === 'server') ?? {}
    expect(fix).toBe(`${join(ROOT, 'authctl')} start, or name another with --server`)
  })

  test('CLI-C9: the next command after init works where it is typed, in the checkout, for any name of a folder', async () => {
    const folder = join(sandbox.directory, "a team's $set")
    const { stderr } = await sandbox.spawn({ argv: ['init', '--policies', folder], cwd: ROOT })
    const next = /^Next: (.+)$/m.exec(stderr)?.[1] ?? ''
    expect(next).toContain(`${join(ROOT, 'authctl')} policies test`)
    expect(execFileSync('/bin/sh', ['-c', next], { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' })).toBe('')
  })

  test('every command of every kind of account loads in a fresh process', () => {
    const urls = ids.map(
      (id) => pathToFileURL(join(ROOT, 'dist/cli/commands', `${id.replaceAll(':', '/')}.js`)).href,
    )
    const script = `for (const url of ${JSON.stringify(urls)}) {
      const { default: command } = await import(url)
      console.log(typeof command.run, typeof command.prototype.run, command.summary.length > 0)
    }`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    })
    expect(printed).toBe('function function true\n'.repeat(ids.length))
    expect(ids.length).toBeGreaterThan(70)
  })
})
