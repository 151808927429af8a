import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

let sandbox: Sandbox
let folder: string
beforeAll(() => {
  sandbox = createSandbox()
  folder = join(sandbox.directory, 'policies')
  cpSync(join(ROOT, 'examples/policies'), folder, { recursive: true })
})
afterAll(() => sandbox.remove())

const run = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> =>
  await sandbox.run({ argv: ['policies', 'test', ...argv], cwd: sandbox.directory, env })

const broken = (name: string): string => {
  const other = join(sandbox.directory, name)
  cpSync(folder, other, { recursive: true })
  const file = join(other, 'documents/read-only.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"Effect": "Deny"', '"Effect": "Allow"'))
  return name
}

test('CLI-C21: tests that pass print nothing but what there is in all', async () => {
  const { code, stdout, stderr } = await run([])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toMatch(
    /^\.: \d+ tests, \d+ invariants, \d+ questions: all pass\n {2}4\/4 statements decided something\n/,
  )
})

test('CLI-C21: a test that fails exits 6 and explains itself with the line of the policy', async () => {
  const { code, stdout, stderr } = await run([broken('failing')])
  expect({ code, stderr }).toMatchObject({
    code: 6,
    stderr: expect.stringMatching(/1 test and 1 invariant fail\n/) as string,
  })
  expect(stdout).toMatch(/^FAIL a trial gives nothing back\n {2}failing\/tests\/refunds_test\.json:\d+:5\n/)
  expect(stdout).toMatch(
    /\n {4}expected DENY_EXPLICIT by read-only\/NoRefunds in boundary of trial\n {4}got ALLOW\n/,
  )
  expect(stdout).toMatch(
    /\n {4}boundary of trial: allow\n {6}read-only Everything\n {8}failing\/documents\/read-only\.json:6:5\n/,
  )
})

test('CLI-C23: under GitHub Actions a failure is an annotation of the test, by its path in the checkout', async () => {
  const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: join(sandbox.directory, '..') }
  const { stderr } = await run([broken('annotated')], env)
  expect(stderr).toMatch(
    /^::error file=[^,\n]+\/annotated\/tests\/refunds_test\.json,line=\d+,col=5,title=a trial gives nothing back::trial orders:Refund [^\n]*%0A/m,
  )
  expect((await run(['annotated'])).stderr).not.toContain('::error')
})

test('the results as JSON, as JUnit and as lcov, to a file and to standard output', async () => {
  const json = await run([broken('reported'), '--json', '--junit', 'tests.xml', '--lcov', 'policies.lcov'])
  expect(json.code).toBe(6)
  expect(JSON.parse(json.stdout)).toMatchObject({
    failed: 2,
    tests: expect.arrayContaining([
      expect.objectContaining({ file: 'reported/tests/refunds_test.json', failedTotal: 1 }),
    ]) as unknown,
  })
  expect(readFileSync(join(sandbox.directory, 'tests.xml'), 'utf8')).toContain('failures="1"')
  expect(readFileSync(join(sandbox.directory, 'policies.lcov'), 'utf8')).toContain(
    'SF:reported/documents/read-only.json\n',
  )
  expect((await run(['reported', '--junit', '-'])).stdout).toMatch(/^<\?xml[^]*<\/testsuites>\n$/)
  expect((await run(['reported', '-o', 'name'])).stdout).toMatch(
    /^reported\/tests\/refunds_test\.json:\d+:5\nreported\/invariants\/trials-keep-money\.json:2:16\n$/,
  )
})

test('a set with errors is not tested: what is wrong is shown, and the exit code is 3', async () => {
  const other = join(sandbox.directory, 'invalid')
  cpSync(folder, other, { recursive: true })
  writeFileSync(join(other, 'documents/read-only.json'), '{"Version": "authctl/1",}')
  const { code, stdout } = await run(['invalid'])
  expect(code).toBe(3)
  expect(stdout).toMatch(/^invalid\/documents\/read-only\.json:1:25: error E_JSON/)
})

/** A set of one policy, with what the tests ask. */
const write = (name: string, tests: string): string => {
  const other = join(sandbox.directory, name)
  for (const part of ['services', 'documents', 'tests']) mkdirSync(join(other, part), { recursive: true })
  cpSync(join(folder, 'services'), join(other, 'services'), { recursive: true })
  writeFileSync(join(other, 'authctl.json'), '{ "set": "small" }')
  writeFileSync(
    join(other, 'documents/a.json'),
    '{"Version": "authctl/1", "Id": "a", "Statement": [{"Sid": "R", "Effect": "Allow", "Action": "orders:Read", "Resource": "order/1"}]}',
  )
  writeFileSync(join(other, 'tests/a_test.json'), tests)
  return join(other, 'tests/a_test.json')
}

const WHO = (principals: string): string => `{
  "principals": { "p": { "role": "client", "policies": ["a"] }, "q]\\"": { "role": "client" } },
  "whoCan": [
    { "name": "one", "action": "orders:Read", "context": { "orders.total": 1 },
      "resource": "order/1", "principals":   ${principals} }
  ]
}
`

test('--update writes who may into the snapshots, and nothing else of the file changes', async () => {
  const file = write('snapshots', WHO('[ "q]\\"" ]'))
  expect((await run(['snapshots'])).code).toBe(6)
  expect(await run(['snapshots', '--update'])).toMatchObject({ code: 0, stdout: '' })
  expect(readFileSync(file, 'utf8')).toBe(WHO('["p"]'))
  expect((await run(['snapshots', '--update'])).stderr).not.toContain('written')
})

test('a threshold that is missed, and mistakes that nobody would notice, exit 6', async () => {
  write('bounds', WHO('["p"]'))
  expect(await run(['bounds', '--threshold', '100'])).toMatchObject({ code: 0 })
  const { code, stdout, stderr } = await run(['bounds', '--mutate', '--max-survivors', '0'])
  expect(code).toBe(6)
  expect(stdout).toMatch(/^bounds\/documents\/a\.json:1:\d+: a R\n {2}orders:\* instead of orders:Read\n/)
  expect(stderr).toMatch(/mistakes that go unnoticed: more than 0/)
  const gaps = await run(['bounds', '--coverage'])
  expect(gaps.stdout).toMatch(/^orders:Refund: no question is about it$/m)
})

test('--update writes into YAML: a flow list in its place, a list of lines behind its key', async () => {
  const file = write('yaml', '').replace(/json$/, 'yaml')
  rmSync(file.replace(/yaml$/, 'json'))
  const text = (one: string, two: string): string => `principals:
  p: { role: client, policies: [a] } # a clerk
  q: { role: client }
whoCan:
  - name: one
    action: orders:Read
    resource: order/1
    principals:${one}
    context: { orders.total: 1 } # rupees
  - name: two
    action: orders:Read
    resource: order/2
    context: { orders.total: 1 }
    principals: ${two}
`
  writeFileSync(file, text('\n      - q\n      - p', '[p]'))
  expect(await run(['yaml', '--update'])).toMatchObject({ code: 0 })
  expect(readFileSync(file, 'utf8')).toBe(text(' ["p"]', '[]'))
})

const lint = async (...argv: string[]): Promise<Outcome> =>
  await sandbox.run({ argv: ['policies', 'lint', ...argv], cwd: sandbox.directory })

test('lint warns beside the element and exits 0, of one file too, and prints SARIF', async () => {
  const other = join(sandbox.directory, 'broad')
  cpSync(folder, other, { recursive: true })
  const roles = join(other, 'attachments/roles.json')
  writeFileSync(
    roles,
    readFileSync(roles, 'utf8').replace('"boundary": "read-only"', '"policies": "read-only"'),
  )
  const found =
    /^broad\/documents\/read-only\.json:6:5: warning W_STAR_STAR: this allows everything\n {2}6 \| {5}\{ "Sid": [^\n]*\n {4}\| {5}\^\n/
  const tally = /2 policies, 0 errors, 1 warning\n$/
  expect(await lint('broad')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(found) as string,
    stderr: expect.stringMatching(tally) as string,
  })
  expect((await lint('broad/documents/read-only.json')).stdout).toMatch(found)
  expect((await lint('broad/documents/orders-clerk.json')).stdout).toBe('')
  expect((await lint('broad', '--sarif')).stdout).toMatch(/"version": "2\.1\.0"[^]*"ruleId": "W_STAR_STAR"/)
})

test('fmt names what is not in the one form, writes it with its comments, and leaves alone what cannot be read', async () => {
  const fmt = async (...argv: string[]): Promise<Outcome> =>
    await sandbox.run({ argv: ['policies', 'fmt', 'form', ...argv], cwd: sandbox.directory })
  const other = join(sandbox.directory, 'form')
  cpSync(folder, other, { recursive: true })
  expect(await fmt('--check')).toMatchObject({ code: 0, stdout: '' })
  const [json, yaml, bad] = ['authctl.json', 'documents/b.yaml', 'documents/c.json'].map((name) =>
    join(other, name),
  )
  writeFileSync(json ?? '', '{"description": "x","set":"a"}')
  writeFileSync(yaml ?? '', 'Id: b # its name\nVersion: authctl/1\nStatement: []\n')
  writeFileSync(bad ?? '', '{"Id": "c",}')
  const found = await fmt('--check')
  expect(found).toMatchObject({ code: 1 })
  expect(found.stdout).toBe('FILE\nform/authctl.json\nform/documents/b.yaml\n')
  expect(found.stderr).toMatch(/form\/documents\/c\.json is left as it is/)
  expect((await fmt('--write')).code).toBe(0)
  expect(readFileSync(json ?? '', 'utf8')).toBe('{ "set": "a", "description": "x" }\n')
  expect(readFileSync(yaml ?? '', 'utf8')).toBe('Version: authctl/1\nId: b # its name\nStatement: []\n')
  expect(readFileSync(bad ?? '', 'utf8')).toBe('{"Id": "c",}')
  expect((await fmt('--check')).code).toBe(0)
})

test.each(['validate', 'lint', 'test'])(
  'CLI-C23: what policies %s finds is an annotation of the line, by its path in the checkout',
  async (verb) => {
    const name = `found-${verb}`
    const other = join(sandbox.directory, name)
    cpSync(folder, other, { recursive: true })
    writeFileSync(join(other, 'documents/read-only.json'), '{"Version": "authctl/1",}')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: sandbox.directory }
    const { code, stderr } = await sandbox.run({ argv: ['policies', verb, '.'], cwd: other, env })
    expect(code).toBe(3)
    expect(stderr).toMatch(
      new RegExp(
        `^::error file=${name}/documents/read-only\\.json,line=1,col=25,title=E_JSON::[^\\n]+%0AWrite strict JSON`,
        'm',
      ),
    )
  },
)

/** What SARIF 2.1.0 requires of a log, and what code hosts want of a result. */
const SARIF = {
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'authctl' } } }],
}
interface SarifResult {
  readonly ruleId: string
  readonly message: { readonly text: string }
  readonly locations: readonly SarifLocation[]
  readonly relatedLocations?: readonly SarifLocation[]
}
interface SarifLocation {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string }
    readonly region: { readonly startLine: number; readonly startColumn: number }
  }
}

test.each([
  ['test', 6],
  ['lint', 0],
] as const)(
  'policies %s --sarif is a log that code hosts take, with places that are there',
  async (verb, exit) => {
    const name = broken(`sarif-${verb}`)
    const { code, stdout } = await sandbox.run({ argv: ['policies', verb, name, '--sarif'] })
    expect(code).toBe(exit)
    const log = JSON.parse(stdout) as {
      runs: { tool: { driver: { rules: { id: string }[] } }; results: SarifResult[] }[]
    }
    expect(log).toMatchObject(SARIF)
    const [{ tool, results } = { tool: { driver: { rules: [] } }, results: [] }] = log.runs
    expect(results.length).toBeGreaterThan(0)
    const rules = tool.driver.rules.map(({ id }) => id)
    for (const { ruleId, message, locations, relatedLocations = [] } of results) {
      expect(rules).toContain(ruleId)
      expect(message.text).not.toBe('')
      expect(locations).toHaveLength(1)
      for (const { physicalLocation } of [...locations, ...relatedLocations]) {
        const { artifactLocation, region } = physicalLocation
        const lines = readFileSync(
          join(sandbox.directory, decodeURIComponent(artifactLocation.uri)),
          'utf8',
        ).split('\n')
        expect(lines[region.startLine - 1]?.length).toBeGreaterThanOrEqual(region.startColumn)
      }
    }
    if (verb === 'test') expect(rules).toEqual(['decision-test', 'invariant'])
  },
)

test('--diff-base counts only the statements that have changed since the branch began', async () => {
  const other = join(sandbox.directory, 'branch')
  cpSync(folder, other, { recursive: true })
  const git = (...args: string[]): Buffer =>
    execFileSync('git', ['-C', other, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args])
  git('init', '-qb', 'main')
  git('add', '.')
  git('commit', '-qm', 'policies')
  git('checkout', '-qb', 'change')
  const file = join(other, 'documents/read-only.json')
  const base = async (ref: string, ...more: string[]): Promise<Outcome> =>
    await run(['branch', '--diff-base', ref, '--threshold', '100', ...more])
  expect((await base('main')).stderr).toContain('  0/0 statements decided something\n')
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      '"Statement": [',
      '"Statement": [{ "Sid": "New", "Effect": "Deny", "Action": "orders:Read", "Resource": "order/never" },',
    ),
  )
  const changed = await base('main', '--coverage')
  expect(changed).toMatchObject({ code: 6 })
  expect(changed.stdout).toMatch(
    /^branch\/documents\/read-only\.json:\d+:\d+: read-only New: nearly matched, never did$/m,
  )
  expect(changed.stdout).not.toContain('orders-clerk')
  expect(changed.stderr).toContain('  0/1 statements decided something\n')
  expect(changed.stderr).toContain('statements that decided: 0 of 1 is less than 100 %')
  expect(await base('nowhere')).toMatchObject({ code: 64 })
})

test('--watch does it again when a file changes, and is for a terminal', async () => {
  expect(await run(['--watch'])).toMatchObject({ code: 64, stdout: '' })
  const name = broken('watched')
  const mend = (): Promise<string> => {
    cpSync(folder, join(sandbox.directory, name), { recursive: true })
    return Promise.resolve('')
  }
  const { code, stdout } = await runOnTerminal(
    sandbox,
    ['policies', 'test', name, '--watch'],
    [
      { when: 'Ctrl-C ends it', type: mend },
      { when: 'Ctrl-C ends it', type: '\u0003' },
    ],
  )
  expect(code).toBe(130)
  expect(stdout).toMatch(/FAIL[^]*1 test and 1 invariant fail[^]*\u001b\[2J[^]*all pass/)
})
