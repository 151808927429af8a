import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createSandbox, type Outcome, type Sandbox } from '../cli/run-cli.ts'
import { PASSWORD, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'

let daemon: TestDaemon
let family: Family
let sandbox: Sandbox

const run = async (argv: readonly string[], text?: string): Promise<Outcome> =>
  await sandbox.run({ argv, env: hostSettings(daemon), ...(text === undefined ? {} : { stdin: { text } }) })

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))
beforeAll(async () => {
  sandbox = createSandbox()
  cpSync(join(ROOT, 'examples/policies'), join(sandbox.directory, 'policies'), { recursive: true })
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  expect(await run([...signIn, '--password-stdin'], PASSWORD)).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

test('the commands of policies as code do on MongoDB what they do on SQLite', async () => {
  const { admin, client } = family
  const clerk = join(sandbox.directory, 'policies/documents/orders-clerk.json')
  const planned = await run(['policies', 'plan', 'policies', '--exit-code', '--out', 'plan.json'])
  expect(planned).toMatchObject({ code: 2, stdout: expect.stringContaining('Access: +4 rights') as string })
  expect(await run(['policies', 'apply', 'plan.json', '--yes'])).toMatchObject({ code: 0 })
  expect(await run(['policies', 'plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })

  const refund = ['orders:Refund', `order/${admin.id}/${client.id}/7`]
  const who = await run(['access', 'who-can', ...refund, '--context', 'orders.total=400', '-o', 'name'])
  expect(who.stdout.split('\n')).toContain(client.id)
  const why = await run([
    'access',
    'explain',
    ...refund,
    '--principal',
    client.id,
    '--context',
    'orders.total=600',
  ])
  expect(why.stdout).toContain('orders.total is 600, wanted NumericLessThanEquals 500')

  writeFileSync(clerk, readFileSync(clerk, 'utf8').replace('500', '400'))
  const byHand = readFileSync(join(sandbox.directory, 'policies/documents/read-only.json'), 'utf8')
  expect(await run(['policies', 'put', '-'], byHand.replace('NoRefunds', 'MoneyStays'))).toMatchObject({
    code: 0,
  })
  const status = await run(['policies', 'status', 'policies', '--fail-on', 'there'])
  expect(status).toMatchObject({ code: 2 })
  expect(status.stdout).toMatch(
    /^here\tdocument orders-clerk\t[^]*^there\tdocument read-only\tchanged there\tsa_/m,
  )

  expect(await run(['policies', 'rollback', '--yes'])).toMatchObject({ code: 0 })
  expect((await run(['policies', 'history'])).stdout).toMatch(/^3 \(in force\)\t.*\trollback\t/m)
  expect((await run(['policies', 'blame', ...refund])).stdout).toMatch(
    /^root\/orders-clerk SmallRefunds\trevision 1/m,
  )
  expect(await run(['policies', 'export', 'policies', '--split'])).toMatchObject({ code: 0 })
  expect(readFileSync(clerk, 'utf8')).toContain('500')
  expect(await run(['policies', 'plan', 'policies', '--exit-code'])).toMatchObject({ code: 0 })
})
