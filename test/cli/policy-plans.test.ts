import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let daemon: TestDaemon
let sandbox: Sandbox
let folder: string

const run = async (argv: readonly string[], env: Record<string, string> = {}): Promise<Outcome> =>
  await sandbox.run({ argv: ['policies', ...argv], env: { ...hostSettings(daemon), ...env } })

const json = async <T>(argv: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await run([...argv, '--json'])
  expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

const edit = (file: string, from: string, to: string): void => {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replaceAll(from, to))
}

const ROLES = ['sub-client', 'super-admin', 'user']
const ADOPT = ROLES.flatMap((role) => ['--adopt', `attachment/role=${role}`])

interface PlanData {
  readonly has_changes: boolean
  readonly order: { readonly commit: string | null; readonly dirty: boolean; readonly directory: string }
  readonly access: {
    readonly gained: { readonly accounts: number }
    readonly changes: readonly {
      readonly witness: {
        readonly principal: string
        readonly action: string
        readonly resource: string
        readonly context: Record<string, unknown>
        readonly before: string
        readonly after: string
      }
    }[]
  }
  readonly changes: readonly { readonly kind: string; readonly name: string; readonly verb: string }[]
}

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon } = home))
beforeAll(async () => {
  sandbox = createSandbox()
  folder = join(sandbox.directory, 'policies')
  cpSync(join(ROOT, 'test/cli/policy-set'), folder, { recursive: true })
  const git = (...args: string[]): Buffer =>
    execFileSync('git', [
      '-C',
      sandbox.directory,
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@example.com',
      ...args,
    ])
  git('init', '-q')
  git('add', 'policies')
  git('commit', '-qm', 'policies')
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  const signedIn = await sandbox.run({
    argv: [...signIn, '--password-stdin'],
    env: hostSettings(daemon),
    stdin: { text: PASSWORD },
  })
  expect(signedIn).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

// Each test goes on where the one before stopped.
describe('a set of policies from plan to rollback', () => {
  test('CLI-C6: what was made by hand is in the way until it is adopted by name, with exit code 5', async () => {
    const { code, stdout, stderr } = await run(['plan', 'policies'])
    expect(code).toBe(5)
    expect(stdout).toMatch(
      /^Set namma-rides in root, before its first change; commit [0-9a-f]{12}\n\nAccess: \+/,
    )
    expect(stdout).toContain(
      "! attachment role=user was made by hand: take it over with --adopt 'attachment/role=user'",
    )
    expect(stderr).toContain('Pass --adopt KIND/NAME')
  })

  test('a plan says first who gains what, every witness reproduces, and ends with the command to paste', async () => {
    const { code, stdout, stderr } = await run(['plan', 'policies', ...ADOPT])
    expect(code).toBe(0)
    expect(stdout.indexOf('Access:')).toBeLessThan(stdout.indexOf('Objects:'))
    expect(stdout).toMatch(/\+ orders:Refund on order\/\$\{principal\.path\}\/\*: adm_\w+, cli_\w+$/m)
    expect(stdout).toContain(
      'by Allow of root/orders-clerk, SmallRefunds (policies/documents/orders-clerk.json:12:5)',
    )
    expect(stdout).toContain(
      '+ SmallRefunds: Allow orders:Refund on order/${principal.path}/* when NumericLessThanEquals orders.total 500',
    )
    expect(stderr).toMatch(/policies apply policies --adopt attachment\/role=sub-client .*\n$/)
    const plan = await json<PlanData>(['plan', 'policies', ...ADOPT])
    expect(plan).toMatchObject({ has_changes: true, order: { dirty: false, directory: 'policies' } })
    expect(plan.order.commit).toMatch(/^[0-9a-f]{40}$/)
    const { code: changes } = await run(['plan', 'policies', ...ADOPT, '--exit-code'])
    expect(changes).toBe(2)
  })

  test('a gate refuses before anything is applied', async () => {
    for (const failing of ['gained']) {
      const refused = await run(['apply', 'policies', ...ADOPT, '--yes', '--fail-on', failing])
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain(`--fail-on ${failing} refuses`)
    }
    const bounded = await run(['plan', 'policies', ...ADOPT, '--max-gain', '0'])
    expect(bounded.code).toBe(5)
    expect(
      await run(['plan', 'policies', ...ADOPT, '--fail-on', 'escalation', '--fail-on', 'lost']),
    ).toMatchObject({ code: 0 })
  })

  test('CLI-C4, CLI-C11: where nobody can be asked nothing is applied, and a plan is applied as it was made or not at all', async () => {
    expect(await run(['apply', 'policies', ...ADOPT])).toMatchObject({ code: 7, stdout: '' })
    const file = join(sandbox.directory, 'plan.json')
    expect(await run(['plan', 'policies', ...ADOPT, '--out', file])).toMatchObject({ code: 0 })
    const bad = join(sandbox.directory, 'bad.json')
    writeFileSync(bad, readFileSync(file, 'utf8').replace('"accounts": ', '"accounts": 1'))
    expect(await run(['apply', bad, '--yes'])).toMatchObject({ code: 5, stdout: '' })
    writeFileSync(bad, '{}')
    expect(await run(['apply', bad, '--yes'])).toMatchObject({ code: 5, stdout: '' })
    expect(await run(['apply', file, '--yes', '--prune'])).toMatchObject({ code: 64, stdout: '' })
    edit('documents/read-only.json', 'money stays', 'money remains')
    const other = await run(['apply', file, '--yes'])
    expect(other.code).toBe(5)
    expect(other.stderr).toContain('documents/read-only.json is not what it was')
    edit('documents/read-only.json', 'money remains', 'money stays')
    const before = await json<PlanData>(['plan', 'policies', ...ADOPT])
    const asked = before.access.changes.map(({ witness }) => witness)
    const check = async ({
      principal,
      action,
      resource,
      context,
    }: (typeof asked)[number]): Promise<string> => {
      const said = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${String(value)}`])
      const { stdout } = await sandbox.run({
        argv: ['access', 'check', action, resource, '--principal', principal, ...said, '--json'],
        env: hostSettings(daemon),
      })
      return (JSON.parse(stdout) as { decision: string }).decision
    }
    const decisions: string[] = []
    for (const witness of asked)
      if (!witness.principal.startsWith('sa_')) decisions.push(await check(witness))
    expect(await run(['apply', file, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Revision 1 of root is in force: 6 to create, 3 to change') as string,
    })
    const others = asked.filter(({ principal }) => !principal.startsWith('sa_'))
    expect(decisions).toEqual(others.map(({ before: was }) => was))
    for (const witness of others) expect(await check(witness)).toBe(witness.after)
    const again = await run(['apply', file, '--yes'])
    expect(again).toMatchObject({ code: 0, stdout: '' })
    expect(again.stderr).toContain('No changes')
  })

  test('CLI-C1: a second plan is empty, and so is that of the same in other words', async () => {
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
    edit('documents/orders-clerk.json', '["orders:Read"]', '"orders:Read"')
    expect(await json(['plan', 'policies', '--exit-code'])).toMatchObject({ has_changes: false, changes: [] })
  })

  test('CLI-C9: what the server does not accept is told by the lines of the checkout, as validation tells it', async () => {
    edit('documents/orders-clerk.json', 'orders:Refund', 'orders:Refnd')
    const refused = await run(['plan', 'policies'])
    expect(refused).toMatchObject({ code: 3, stdout: '' })
    const local = await run(['validate', 'policies'])
    const [told = ''] = local.stdout.split('\n\n')
    expect(refused.stderr).toContain(told.trim())
    expect(refused.stderr).toMatch(/policies\/documents\/orders-clerk\.json:\d+:18: error E_ACTION_UNKNOWN/)
    edit('documents/orders-clerk.json', 'orders:Refnd', 'orders:Refund')
  })

  test('CLI-C22: drift is told in four classes, by whom and when', async () => {
    expect(await run(['status', 'policies'])).toMatchObject({ code: 0, stdout: '' })
    edit('documents/orders-clerk.json', '500', '800')
    const readOnly = readFileSync(join(folder, 'documents/read-only.json'), 'utf8')
    const byHand = async (text: string): Promise<void> => {
      const put = await sandbox.run({
        argv: ['policies', 'put', '-'],
        env: hostSettings(daemon),
        stdin: { text },
      })
      expect(put).toMatchObject({ code: 0 })
    }
    await byHand(readOnly.replace('NoRefunds', 'NoMoney'))
    await byHand(readOnly.replace('"read-only"', '"by-hand"'))
    const status = await json<{
      has_changes: boolean
      drifted: { drift: string; name: string; by: string | null }[]
    }>(['status', 'policies'])
    expect(status.drifted.map(({ drift, name }) => [drift, name])).toEqual([
      ['here', 'orders-clerk'],
      ['there', 'read-only'],
      ['only-there', 'by-hand'],
    ])
    expect(status.drifted[1]?.by).toMatch(/^sa_/)
    // Each class fails for itself only; without being asked to, none does.
    const failing = async (...classes: string[]): Promise<number | null> =>
      (await run(['status', 'policies', ...classes.flatMap((each) => ['--fail-on', each])])).code
    for (const drift of ['here', 'there', 'only-there']) expect(await failing(drift), drift).toBe(2)
    expect([await failing('both'), await failing(), await failing('both', 'there')]).toEqual([0, 0, 2])
    edit('documents/read-only.json', 'NoRefunds', 'NothingBack')
    const both = await run(['status', 'policies', '--fail-on', 'both'])
    expect(both).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^both\tdocument read-only\tchanged here, changed there\tsa_/m) as string,
    })
    expect([await failing('there'), await failing('both'), await failing('here')]).toEqual([0, 2, 2])
    edit('documents/read-only.json', 'NothingBack', 'NoRefunds')
    expect(await failing('both')).toBe(0)
  })

  test('history, one revision, and since when something is allowed', async () => {
    const history = await run(['history'])
    expect(history.stdout).toMatch(
      /^3 \(in force\)\t[-0-9]{10} [:0-9]{8}Z\tedit\t\tsa_\w+\t\t12\n2\t.*\n1\t.*\tapply\t[0-9a-f]{12}\tsa_\w+\tnamma-rides\t/m,
    )
    const shown = await run(['show', '1'])
    expect(shown.stdout).toMatch(
      /document\torders-clerk\tset namma-rides \(policies\/documents\/orders-clerk\.json:3:9\)/,
    )
    expect(await run(['show', '99'])).toMatchObject({ code: 1 })
    const blamed = await json<{ policies: { policy: string; since: { number: number } }[] }>([
      'blame',
      'orders:Refund',
      'order/x/1',
    ])
    expect(blamed.policies.map(({ policy, since }) => [policy, since.number])).toEqual([
      ['root/by-hand', 3],
      ['root/orders-clerk', 1],
      ['root/read-only', 1],
    ])
  })

  test('CLI-C31: a rollback is a plan first, and brings every object back', async () => {
    const shown = await run(['rollback', '1', '--dry-run'])
    expect(shown).toMatchObject({ code: 0 })
    expect(shown.stdout).toMatch(/^Back to revision 1 in root, now at revision 3\n/)
    expect(shown.stdout).toContain('- document by-hand goes')
    expect(shown.stdout).toContain('called NoMoney before')
    expect(await run(['rollback', '1'])).toMatchObject({ code: 7, stdout: '' })
    expect(await run(['rollback', '1', '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Revision 4 of root') as string,
    })
    expect(await run(['rollback', '99', '--yes'])).toMatchObject({ code: 1 })
    edit('documents/orders-clerk.json', '800', '500')
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
  })

  test('CLI-C30: what is exported plans as nothing, and files that say it already are left alone', async () => {
    const fresh = join(mkdtempSync(join(sandbox.directory, 'export-')), 'policies')
    expect(await run(['export', fresh, '--split', '--set', 'namma-rides'])).toMatchObject({ code: 0 })
    expect(await run(['plan', fresh, '--exit-code'])).toMatchObject({ code: 0 })
    const before = readFileSync(join(folder, 'documents/read-only.json'), 'utf8')
    const clerk = readFileSync(join(folder, 'documents/orders-clerk.json'), 'utf8')
    edit('documents/orders-clerk.json', '500', '800')
    const again = await run(['export', 'policies', '--split'])
    expect(again.stderr).toContain('1 file written')
    expect(readFileSync(join(folder, 'documents/orders-clerk.json'), 'utf8')).toBe(clerk)
    expect(readFileSync(join(folder, 'documents/read-only.json'), 'utf8')).toBe(before)
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
    expect(await json(['export', 'policies'])).toMatchObject({
      set: 'namma-rides',
      documents: [{ Id: 'orders-clerk' }, { Id: 'read-only' }],
    })
  })

  test('CLI-C30: YAML stays YAML with its comments, also where it changes', async () => {
    const asJson = join(folder, 'documents/read-only.json')
    const asYaml = join(folder, 'documents/read-only.yaml')
    const was = readFileSync(asJson, 'utf8')
    const text = [
      '# a boundary',
      'Version: authctl/1',
      'Id: read-only',
      "Description: 'a boundary: whatever else is allowed, money stays'",
      'Statement:',
      "  - { Sid: Everything, Effect: Allow, Action: '*', Resource: '*' }",
      "  - { Sid: NoRefunds, Effect: Deny, Action: orders:Refund, Resource: '*' }",
      '',
    ].join('\n')
    rmSync(asJson)
    writeFileSync(asYaml, text)
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
    expect((await run(['export', 'policies', '--split'])).stderr).toContain('0 files written')
    expect(readFileSync(asYaml, 'utf8')).toBe(text)
    writeFileSync(asYaml, text.replace('NoRefunds', 'NothingBack'))
    expect((await run(['export', 'policies', '--split'])).stderr).toContain('1 file written')
    const written = readFileSync(asYaml, 'utf8')
    expect(written).toMatch(/^# a boundary\n/)
    expect(written).toContain('Sid: NoRefunds')
    expect(written).not.toContain('NothingBack')
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
    rmSync(asYaml)
    writeFileSync(asJson, was)
  })

  test('CLI-C23: under GitHub Actions the plan is in the summary, and later steps can ask for its outputs', async () => {
    edit('documents/orders-clerk.json', '500', '900')
    const [summary, output] = [join(sandbox.directory, 'summary.md'), join(sandbox.directory, 'output')]
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output }
    const markdown = await run(['plan', 'policies', '-o', 'markdown'], env)
    expect(markdown.code).toBe(0)
    expect(readFileSync(summary, 'utf8')).toBe(markdown.stdout)
    expect(markdown.stdout).toMatch(/^### Policies: \+1 right for \d accounts\n/)
    expect(readFileSync(output, 'utf8')).toMatch(
      /^has_changes=true\ncreated=0\nchanged=1\ndeleted=0\naccounts_that_gain=\d\n/,
    )
  })

  test('what gives nothing new is proved against what is in force, a revision, a commit and a folder', async () => {
    const gains = await run(['plan', 'policies', '--no-new-access'])
    expect(gains.code).toBe(1)
    expect(gains.stderr).toMatch(
      /FAIL: those of role=(admin|client) gain orders:Refund on order\/\S+, such as order\/\S+ with orders\.total=/,
    )
    // Scripts read one value, with the reason in it.
    const told = await run(['plan', 'policies', '--no-new-access', '--json'])
    expect(told).toMatchObject({ code: 1, stderr: '' })
    expect(JSON.parse(told.stdout)).toMatchObject({
      has_changes: true,
      problem: { code: 'new_access' },
      new_access: { verdict: 'FAIL', gained: { witness: { before: 'DENY_IMPLICIT', after: 'ALLOW' } } },
    })
    const offline = { AUTHCTL_SERVER: 'http://127.0.0.1:9' }
    expect(await run(['plan', 'policies', '--no-new-access', '--against', 'HEAD'], offline)).toMatchObject({
      code: 1,
    })
    edit('documents/orders-clerk.json', '900', '400')
    const passed = await run(['plan', 'policies', '--no-new-access', '--against', 'HEAD'], offline)
    expect(passed).toMatchObject({ code: 0, stdout: expect.stringContaining('PASS') as string })
    expect(
      await run(['plan', 'policies', '--no-new-access', '--against', 'policies'], offline),
    ).toMatchObject({ code: 0 })
    expect(
      await run(['plan', 'policies', '--no-new-access', '--against', 'no-such-branch'], offline),
    ).toMatchObject({ code: 64 })
    const live = await run(['plan', 'policies', '--no-new-access'])
    expect({ code: live.code, stderr: live.stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('PASS') as string,
    })
    expect(await run(['plan', 'policies', '--no-new-access', '--against', '1'])).toMatchObject({ code: 0 })
  })

  test('what a plan refuses is in the one value that scripts read', async () => {
    const { code, stdout, stderr } = await run(['plan', 'policies', '--fail-on', 'lost', '--json'])
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject({ has_changes: true, problem: { code: 'plan_gate' } })
  })

  test('CLI-C1: -f plans and applies the files that are named, and what the set has besides stays', async () => {
    const document = 'policies/documents/orders-clerk.json'
    const was = readFileSync(join(folder, 'documents/read-only.json'), 'utf8')
    edit('documents/read-only.json', 'NoRefunds', 'NothingBack')
    const named = await run(['plan', '-f', document, '--out', 'part.json'])
    expect(named.stdout).toContain('~ document orders-clerk changes')
    expect(named.stdout).not.toContain('read-only changes')
    expect(named.stderr).toContain(`policies apply part.json -f ${document}`)
    expect(await run(['apply', 'part.json', '--yes'])).toMatchObject({ code: 5 })
    expect(await run(['apply', '-f', document, '--prune', '--yes'])).toMatchObject({ code: 64, stdout: '' })
    expect(await run(['apply', 'part.json', '-f', document, '--yes'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 to change') as string,
    })
    writeFileSync(join(folder, 'documents/read-only.json'), was)
    expect(await run(['plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
  })

  test.each(['json', 'yaml'])('what is exported as %s plans as nothing from standard input', async (form) => {
    const { stdout: text } = await run(['export', 'policies', '-o', form])
    const planned = await sandbox.run({
      argv: ['policies', 'plan', '-f', '-', '--exit-code'],
      env: hostSettings(daemon),
      stdin: { text },
    })
    expect(planned).toMatchObject({ code: 0 })
  })
})
