import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Sandbox } from './run-cli.ts'

const DOCUMENT = 'set/documents/orders-clerk.json'
/** In ISO 8859-1, as an editor of another age saves it. */
const LATIN = Buffer.from('{\n  "name": "Café"\n}\n', 'latin1')

let sandbox: Sandbox
beforeAll(() => {
  sandbox = createSandbox()
  cpSync(join(ROOT, 'test/cli/policy-set'), join(sandbox.directory, 'set'), { recursive: true })
  for (const name of ['latin', DOCUMENT]) writeFileSync(join(sandbox.directory, name), LATIN)
})
afterAll(() => sandbox.remove())

describe('CLI-C18: a file that is not UTF-8 is refused by its line, and nothing of it is guessed, sent or written back', () => {
  test.each([
    ['latin', ['places', 'import', 'latin']],
    ['latin', ['policies', 'put', 'latin']],
    ['latin', ['services', 'put', 'latin']],
    ['latin', ['attachments', 'put', 'latin']],
    ['latin', ['policies', 'apply', 'latin']],
    ['latin', ['policies', 'approve', 'latin']],
    ['latin', ['policies', 'validate', '-f', 'latin']],
    ['latin', ['applications', 'create', '--name', 'x', '--public-key', 'latin']],
    ['latin', ['login', '--username', 'asha', '--role', 'admin', '--password-file', 'latin']],
    [DOCUMENT, ['policies', 'plan', 'set']],
    [DOCUMENT, ['policies', 'fmt', 'set', '--write']],
    [DOCUMENT, ['policies', 'fmt', '-f', DOCUMENT, '--write']],
  ])('%s: %s', async (file, argv) => {
    const { code, stdout, stderr } = await sandbox.run({
      argv,
      env: { AUTHCTL_TOKEN: 'x.y.z', AUTHCTL_SERVER: 'http://127.0.0.1:2' },
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`Error: ${file} is not UTF-8 text: see line 2\nSave it as UTF-8.\n`)
    expect(readFileSync(join(sandbox.directory, file))).toEqual(LATIN)
  })
})

test('CLI-C9: a check names each file that is not UTF-8 by its line, beside everything else that is wrong', async () => {
  for (const [path, text] of [
    ['many/authctl.json', Buffer.from('{"set": "many"}')],
    ['many/documents/one.json', LATIN],
    ['many/documents/two.yaml', Buffer.from('Id: two\n# Caf\u00e9\nStatement: []\n', 'latin1')],
    ['many/documents/three.json', Buffer.from('{"Id": ')],
    ['many/services/orders.json', Buffer.from([0xff])],
  ] as const) {
    mkdirSync(join(sandbox.directory, dirname(path)), { recursive: true })
    writeFileSync(join(sandbox.directory, path), text)
  }
  for (const verb of ['validate', 'lint']) {
    const { code, stdout } = await sandbox.run({ argv: ['policies', verb, 'many', '--json'] })
    expect(code).toBe(3)
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Record<string, unknown>[] }
    const fault = {
      code: 'E_JSON',
      severity: 'error',
      message: 'this is not UTF-8 text',
      hint: 'Save it as UTF-8.',
    }
    expect(diagnostics).toMatchObject([
      { file: 'many/services/orders.json', line: 1, column: 1, ...fault },
      { file: 'many/documents/one.json', line: 2, column: 15, ...fault },
      { file: 'many/documents/three.json', line: 1 },
      { file: 'many/documents/two.yaml', line: 2, column: 6, ...fault },
    ])
  }
  const one = await sandbox.run({ argv: ['policies', 'validate', 'many/documents/one.json'] })
  expect(one.stdout).toMatch(/^many\/documents\/one\.json:2:15[^]*Save it as UTF-8/)
})
