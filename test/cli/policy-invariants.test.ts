import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

let daemon: TestDaemon
let family: Family
let sandbox: Sandbox
let folder: string
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const run = async (...argv: readonly string[]): Promise<Outcome> =>
  await sandbox.run({
    argv: ['policies', ...argv],
    env: { ...hostSettings(daemon), AUTHCTL_PASSWORD: PASSWORD, COLUMNS: '80' },
  })

beforeAll(async () => {
  sandbox = createSandbox()
  folder = join(sandbox.directory, 'policies')
  cpSync(join(ROOT, 'examples/policies'), folder, { recursive: true })
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  const env = { ...hostSettings(daemon), AUTHCTL_PASSWORD: PASSWORD }
  expect(await sandbox.run({ argv: signIn, env })).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

const loosen = (): void => {
  const file = join(folder, 'documents/read-only.json')
  writeFileSync(file, readFileSync(file, 'utf8').replace('"Effect": "Deny"', '"Effect": "Allow"'))
}

// Each test goes on where the one before stopped.
test('CLI-C1: invariants are planned in words, applied, and exported as files that plan as nothing', async () => {
  const { code, stdout } = await run('plan', folder)
  expect(code).toBe(0)
  expect(stdout).toContain(
    '  + invariant trials-keep-money comes (policies/invariants/trials-keep-money.json:2:16)\n    + neverGrants orders:Refund on *, to role=client tier="trial"\n',
  )
  expect(await run('apply', folder, '--yes')).toMatchObject({ code: 0 })
  const other = join(sandbox.directory, 'exported')
  expect(await run('export', other, '--split', '--set', 'namma-rides')).toMatchObject({ code: 0 })
  const file = readFileSync(join(other, 'invariants/trials-keep-money.json'), 'utf8')
  expect(JSON.parse(file)).toMatchObject({ neverGrants: { Action: 'orders:Refund' } })
  expect(await run('plan', other, '--exit-code')).toMatchObject({ code: 0 })
})

test('CLI-C4: a change that breaks one is refused by plan, apply and put, with the request that shows it', async () => {
  loosen()
  const words =
    /trials-keep-money of root \(neverGrants\) would not hold: a new client with tier="trial" might orders:Refund on order\/\S+ with \{"orders.total":\d+\}/
  const planned = await run('plan', folder)
  expect(planned).toMatchObject({ code: 5 })
  expect(planned.stdout).toMatch(words)
  for (const argv of [
    ['apply', folder, '--yes'],
    ['put', join(folder, 'documents/read-only.json'), '--yes'],
  ]) {
    const refused = await run(...argv)
    expect(refused.code).toBe(5)
    expect(refused.stderr).toMatch(words)
    expect(refused.stderr).toContain('change the policies, or the invariant in the set that owns it')
  }
})

test('CLI-C21: offline the same is a failed test, with the lines that allow it', async () => {
  const { code, stdout } = await run('test', folder)
  expect(code).toBe(6)
  expect(stdout).toMatch(
    /FAIL trials-keep-money\n {2}\S+trials-keep-money\.json:2:16\n {2}client tier="trial" orders:Refund order\/\S+ with orders\.total=500\n {4}expected DENY by neverGrants\n {4}got ALLOW\n/,
  )
})

test('CLI-C4: what two accounts change together is planned by one, approved by another, and applied with both', async () => {
  const set = join(sandbox.directory, 'four-eyes')
  const write = (file: string, value: object): void => {
    mkdirSync(join(set, file, '..'), { recursive: true })
    writeFileSync(join(set, file), JSON.stringify(value))
  }
  write('authctl.json', { set: 'four-eyes' })
  write('invariants/all.json', { invariant: 'all', needsApproval: { objects: 'document/pay-*' } })
  expect(await run('apply', set, '--yes')).toMatchObject({ code: 0 })
  const Statement = [{ Effect: 'Allow', Action: 'orders:Refund', Resource: 'order/x/*' }]
  write('documents/pay.json', { Version: 'authctl/1', Id: 'pay-all', Statement })
  const alone = await run('apply', set, '--yes')
  expect(alone).toMatchObject({ code: 4 })
  expect(alone.stderr).toContain('let another account run `policies approve plan.json`')
  const file = join(sandbox.directory, 'four-eyes.json')
  const planned = await run('plan', set, '--out', file)
  expect(planned).toMatchObject({ code: 0 })
  expect(planned.stdout).toContain(
    'document/pay-all is changed by two accounts together, by the invariant all',
  )
  expect(planned.stderr).toContain(`authctl policies approve ${file}`)
  expect(await run('approve', file, '--yes')).toMatchObject({ code: 4 })
  expect(await run('apply', file, '-f', set, '--yes')).toMatchObject({ code: 4 })
  const second = createSandbox()
  const person = { name: 'x', username: 'second', password: PASSWORD }
  await daemon.api.post('/auth/superadmin/create', person, family.root.access)
  const env = { ...hostSettings(daemon), AUTHCTL_PASSWORD: PASSWORD }
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'second']
  expect(
    await second.run({ argv: [...signIn, '--password-stdin'], env, stdin: { text: PASSWORD } }),
  ).toMatchObject({ code: 0 })
  const approved = await second.run({ argv: ['policies', 'approve', file, '--yes'], env })
  second.remove()
  expect(approved).toMatchObject({ code: 0 })
  expect(approved.stderr).toContain(`authctl policies apply ${file}`)
  expect(await run('apply', file, '-f', set, '--yes')).toMatchObject({ code: 0 })
  const { body } = await daemon.api.get('/policies/revisions?limit=1', family.root.access)
  const [{ number } = { number: 0 }] = body['items'] as unknown as { number: number }[]
  const shown = await run('show', String(number))
  expect(shown.stdout).toMatch(/^approved by\s+sa_\w+$/m)
})
