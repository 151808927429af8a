import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

const SET = join(ROOT, 'test/cli/policy-set')
const DOCUMENT = 'documents/orders-clerk.json'

let sandbox: Sandbox

const run = async (argv: readonly string[], text?: string): Promise<Outcome> =>
  await sandbox.run({
    argv: ['policies', ...argv],
    ...(text === undefined ? {} : { stdin: { text } }),
  })

const read = (path: string): string => readFileSync(join(sandbox.directory, path), 'utf8')
const readJson = (path: string): object => JSON.parse(readFileSync(join(SET, path), 'utf8')) as object

/** The set as `policies export` prints it. */
const bundle = (change: (documents: string) => string = (text) => text): object => ({
  set: 'namma-rides',
  services: [readJson('services/orders.json')],
  documents: ['orders-clerk', 'read-only'].map(
    (name) => JSON.parse(change(JSON.stringify(readJson(`documents/${name}.json`)))) as object,
  ),
  attachments: (readJson('attachments/roles.json') as { attachments: object[] }).attachments,
})

const misspell = (text: string): string => text.replaceAll('orders:Refund', 'orders:Refnd')

beforeAll(() => {
  sandbox = createSandbox()
  for (const name of ['one', 'two']) cpSync(SET, join(sandbox.directory, name), { recursive: true })
  const path = join(sandbox.directory, 'two', DOCUMENT)
  writeFileSync(path, misspell(readFileSync(path, 'utf8')))
  mkdirSync(join(sandbox.directory, 'bare'))
})
afterAll(() => sandbox.remove())

describe('CLI-C1: policies are named as with kubectl', () => {
  test('-f takes files and folders of a set, several at once, and only what is named is spoken of', async () => {
    const file = await run(['validate', '-f', `two/${DOCUMENT}`])
    expect(file).toMatchObject({ code: 3 })
    expect(file.stdout).toMatch(/^two\/documents\/orders-clerk\.json:\d+:18: error E_ACTION_UNKNOWN/)
    expect(await run(['validate', '-f', 'two/services', 'two/attachments'])).toMatchObject({ code: 0 })
    expect(await run(['validate', '-f', 'two/services', '-f', 'two/documents'])).toMatchObject({ code: 3 })
    expect(await run(['validate', 'one', '-f', 'two'])).toMatchObject({ code: 64 })
    expect(await run(['validate', '-f', 'nowhere'])).toMatchObject({ code: 1 })
  })

  test('-R takes every set below, each with its own names', async () => {
    const all = await run(['validate', '-R'])
    expect(all).toMatchObject({ code: 3 })
    expect(all.stdout).toMatch(/^two\/documents/)
    expect(all.stderr).toContain('.: 3 policies, 1 error, 0 warnings')
    const data = JSON.parse((await run(['lint', '-R', '-f', '.', '--json'])).stdout) as object
    expect(data).toMatchObject({ sets: ['namma-rides', 'namma-rides'], services: 2 })
    expect(await run(['validate', '-R', '-f', 'bare'])).toMatchObject({ code: 64 })
    // What is applied is applied in one step, so it is one set.
    const plan = await run(['plan', '-R'])
    expect(plan).toMatchObject({ code: 64, stdout: '' })
    expect(plan.stderr).toContain('several sets are named: one and two')
  })

  test.each([
    ['JSON', (value: object) => JSON.stringify(value, null, 2)],
    ['JSON of one line', (value: object) => JSON.stringify(value)],
    ['YAML', (value: object) => stringify(value)],
  ])('-f - takes a set in one text, %s, and tells its lines and columns', async (_form, write) => {
    expect(await run(['validate', '-f', '-'], write(bundle()))).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'standard input: 2 policies, 0 errors, 0 warnings\n',
    })
    const text = write(bundle(misspell))
    const broken = JSON.parse((await run(['validate', '-f', '-', '--json'], text)).stdout) as {
      diagnostics: { file: string; line: number; column: number; code: string }[]
    }
    expect(broken.diagnostics.length).toBeGreaterThan(0)
    for (const { file, line, column } of broken.diagnostics) {
      expect(file).toBe('standard input')
      expect(text.split('\n')[line - 1]?.slice(column - 1)).toMatch(/^"?orders:Refnd/)
    }
    const list = write({ ...bundle(), attachments: [{ to: { role: 'admin' }, policies: ['nobody'] }] })
    const [found] = (JSON.parse((await run(['validate', '-f', '-', '--json'], list)).stdout) as typeof broken)
      .diagnostics
    expect(list.split('\n')[(found?.line ?? 0) - 1]?.slice((found?.column ?? 0) - 1)).toMatch(/^"?nobody/)
  })

  test('a set in one text may lie in a file', async () => {
    writeFileSync(join(sandbox.directory, 'set.yaml'), stringify(bundle()))
    expect(await run(['lint', '-f', 'set.yaml'])).toMatchObject({ code: 0, stdout: '' })
  })

  test.each([
    ['nothing', '', 3],
    ['no set', '{"documents": []}', 3],
    ['a set of another form', '{"set": "a", "documents": {}}', 3],
    ['an element that there is not', '{"set": "a", "policies": []}', 3],
    ['what is no JSON', '{"set": }', 3],
    [
      'two objects of a name',
      JSON.stringify({ set: 'a', documents: [readJson(DOCUMENT), readJson(DOCUMENT)] }),
      3,
    ],
    ['a set without objects', '{"set": "a"}', 0],
  ])('-f - with %s', async (_what, text, code) => {
    expect(await run(['validate', '-f', '-'], text)).toMatchObject({ code })
  })

  test('fmt -f - brings a text into the one form, as editors ask', async () => {
    const formatted = readFileSync(join(SET, DOCUMENT), 'utf8')
    const loose = formatted.replaceAll(': ', ' :  ')
    expect(await run(['fmt', '-f', '-'], loose)).toMatchObject({ code: 0, stdout: formatted, stderr: '' })
    expect(await run(['fmt', '-f', '-', '--check'], loose)).toMatchObject({ code: 1, stdout: '' })
    expect(await run(['fmt', '-f', '-', '--check'], formatted)).toMatchObject({ code: 0 })
    expect(await run(['fmt', '-f', '-'], '# why\nId:   x\nVersion: authctl/1\n')).toMatchObject({
      code: 0,
      stdout: 'Version: authctl/1\n# why\nId: x\n',
    })
    expect(await run(['fmt', '-f', '-'], '{')).toMatchObject({ code: 3, stdout: '' })
    expect(await run(['fmt', '-f', '-', '--write'], loose)).toMatchObject({ code: 64 })
    writeFileSync(join(sandbox.directory, 'one', DOCUMENT), loose)
    const named = await run(['fmt', '-f', 'one/documents', '--write'])
    expect(named.stdout).toBe(`one/${DOCUMENT}\n`.replace(/^/, 'FILE\n'))
    expect(read(`one/${DOCUMENT}`)).toBe(formatted)
  })
})

test('simplify takes out what is superfluous: the folder is proved to allow the same, and its layout stays', async () => {
  for (const name of ['before', 'after']) cpSync(SET, join(sandbox.directory, name), { recursive: true })
  const path = `after/${DOCUMENT}`
  const plain = read(path)
  const wide = plain
    .replace('["orders:Read"]', '["orders:Read", "orders:Read"]')
    .replace('500 }', '500 }, "NumericLessThan": { "orders.total": 900 }')
  expect(wide).not.toBe(plain)
  writeFileSync(join(sandbox.directory, path), wide)
  const named = await run(['simplify', 'after', '--check'])
  expect(named).toMatchObject({ code: 1 })
  expect(named.stdout).toMatch(
    /^after\/documents\/orders-clerk\.json:\d+:\d+: orders-clerk \w+: .* is superfluous$/m,
  )
  expect(read(path)).toBe(wide)
  expect(await run(['simplify', 'after', '--write'])).toMatchObject({ code: 0 })
  expect(read(path)).not.toContain('900')
  expect(await run(['equiv', 'before', 'after'])).toMatchObject({ code: 0 })
  expect(await run(['simplify', 'after', '--check'])).toMatchObject({ code: 0, stdout: '' })
  expect(await run(['simplify', 'one', '-f', 'one'])).toMatchObject({ code: 64 })
})
