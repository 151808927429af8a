import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

const EXAMPLES = join(ROOT, 'examples/policies')
/** All attachments of the root: what a `put` leaves out is gone. */
const ROLES = join(ROOT, 'test/support/roles.json')

let daemon: TestDaemon
let sandbox: Sandbox

const run = async (argv: readonly string[], text?: string): Promise<Outcome> =>
  await sandbox.run({
    argv,
    env: hostSettings(daemon),
    ...(text === undefined ? {} : { stdin: { text } }),
  })

/** Runs with --json, insists on success and returns what was printed. */
const json = async <T>(argv: readonly string[], text?: string): Promise<T> => {
  const { code, stdout, stderr } = await run([...argv, '--json'], text)
  expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

interface Account {
  readonly id: string
  readonly attributes: Record<string, unknown>
  readonly policies: readonly string[]
  readonly boundary: string | null
}
interface Decision {
  readonly decision: string
  readonly decision_id: string | null
}

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon } = home))
beforeAll(async () => {
  sandbox = createSandbox()
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root']
  expect(await run([...signIn, '--password-stdin'], PASSWORD)).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

// What only the command line says of policies. Each test goes on where the one before stopped.
describe('policies on the command line', () => {
  let admin: Account
  let shop: Account

  test('services and policies are put from the files of the example set', async () => {
    const early = await run(['policies', 'put', join(EXAMPLES, 'documents/orders-clerk.json')])
    expect(early).toMatchObject({ code: 3, stdout: '' })
    expect(early.stderr).toMatch(
      /documents\/orders-clerk\.json:9:18: error E_ACTION_UNKNOWN: no declared action matches "orders:Read"[^\n]*\n {2}9 \| [^\n]*\n +\| +\^\n/,
    )
    expect(await json(['services', 'put', join(EXAMPLES, 'services/orders.json')])).toMatchObject({
      namespace: 'root',
    })
    for (const name of ['orders-clerk', 'read-only'])
      expect(await json(['policies', 'put', join(EXAMPLES, `documents/${name}.json`)])).toMatchObject({
        detail: 'Policy created',
        policy: { name: `root/${name}` },
      })
    // The same again: nothing is lost, nothing is asked.
    expect(await json(['policies', 'put', join(EXAMPLES, 'documents/read-only.json')])).toMatchObject({
      detail: 'Policy unchanged',
    })
    const listed = await run(['policies', 'list', '-o', 'name'])
    expect(listed.stdout.split('\n')).toEqual(expect.arrayContaining(['authctl:Client', 'root/orders-clerk']))
    expect((await run(['services', 'list', '-o', 'name'])).stdout).toBe('orders\n')
  })

  test('a replacement of what somebody else has changed is refused with exit code 5', async () => {
    const late = await run([
      'policies',
      'put',
      join(EXAMPLES, 'documents/read-only.json'),
      '--if-match',
      'of-another-day',
    ])
    expect(late).toMatchObject({ code: 5, stdout: '' })
  })

  test('attachments are replaced as a whole, after a confirmation', async () => {
    const refused = await run(['attachments', 'put', ROLES])
    expect(refused).toMatchObject({ code: 7, stdout: '' })
    const put = await run(['attachments', 'put', ROLES, '--yes'])
    expect(put).toMatchObject({ code: 0 })
    expect(put.stderr.split('\n')).toEqual(
      expect.arrayContaining([
        '- role client: authctl:Client',
        '+ role client: authctl:Client, orders-clerk',
        '+ role client, tier=trial: within read-only',
      ]),
    )
    const { attachments } = await json<{ attachments: object[] }>(['attachments', 'get'])
    expect(attachments).toHaveLength(6)
    const shown = await run(['attachments', 'get'])
    expect(shown.stdout).toMatch(/\nrole client, tier=trial\t\tread-only\n/)
    expect((await run(['attachments', 'get', '-o', 'name'])).stdout).toMatch(/^role client, tier=trial$/m)
  })

  test('what is got can be put back, as a file and by redirection', async () => {
    const file = join(sandbox.directory, 'got.json')
    const keep = async (...argv: string[]): Promise<string> => {
      expect(
        await sandbox.spawn({ argv: [...argv, '--json'], env: hostSettings(daemon), stdoutFile: file }),
      ).toEqual({
        code: 0,
        stdout: '',
        stderr: '',
      })
      return readFileSync(file, 'utf8')
    }
    await keep('attachments', 'get')
    const { stderr } = await run(['attachments', 'put', file, '--yes'])
    expect(stderr).toMatch(/^On \S+ as the super-admin root \(sa_\w+\)\.\nNothing changes\.\n$/)
    await keep('policies', 'get', 'root/read-only')
    const again = await sandbox.spawn({
      argv: ['policies', 'put', '-', '--json'],
      env: hostSettings(daemon),
      stdin: { file },
    })
    expect(JSON.parse(again.stdout)).toMatchObject({
      detail: 'Policy replaced',
      policy: { name: 'root/read-only' },
    })
    const got = await keep('policies', 'get', 'root/read-only')
    writeFileSync(file, got.replace('"Deny"', '"Refuse"'))
    const line = got.split('\n').findIndex((each) => each.includes('"Deny"')) + 1
    const wrong = await run(['policies', 'put', file])
    expect(wrong.code).toBe(3)
    expect(wrong.stderr).toContain(`got.json:${line}:19: error E_EFFECT: `)
    const { items } = JSON.parse(await keep('services', 'list')) as { items: object[] }
    writeFileSync(file, JSON.stringify(items[0]))
    expect(await json(['services', 'put', file])).toMatchObject({ namespace: 'root' })
  })

  test('policies get shows the document in lines', async () => {
    const { stdout } = await run(['policies', 'get', 'read-only'])
    expect(stdout).toMatch(/^name\troot\/read-only\nhash\t\w+\n[^]*\n\n\{\n {2}"Version": "authctl\/1",\n/)
  })

  test('CLI-C18: what is not there is named, with where to look', async () => {
    const missing = await run(['policies', 'get', 'nowhere'])
    expect(missing).toMatchObject({ code: 1 })
    expect(missing.stderr).toMatch(
      /^Error: there is no policy nowhere \(request \w+\)\nA bare name is of your own namespace; one of root is written root\/nowhere\. Those you see: authctl policies list\n$/,
    )
    const nobody = 'cli_00000000000000000000000000'
    const attach = await run(['policies', 'attach', 'root/nowhere', nobody])
    expect(attach.stderr).toMatch(/there is no policy root\/nowhere, or no account cli_0+ that you see/)
    expect((await run(['services', 'delete', 'nothing', '--yes'])).stderr).toMatch(
      /there is no service nothing in your namespace/,
    )
    expect((await run(['attachments', 'get', '--namespace', nobody])).stderr).toMatch(
      /there is no namespace cli_0+ that you see/,
    )
  })

  test('accounts are created with policies, changed, and found by attribute', async () => {
    const create = (topic: string, name: string, ...more: string[]) =>
      json<Account>(
        [topic, 'create', '--name', name, '--username', name, '--password-stdin', ...more],
        PASSWORD,
      )
    admin = await create('admins', 'acme')
    shop = await create('clients', 'shop', '--admin', admin.id, '--policy', 'orders-clerk')
    expect(shop).toMatchObject({ policies: ['root/orders-clerk'], boundary: null })
    await json(['clients', 'update', shop.id, '--attribute', 'tier=gold', '--attribute', 'seats=3'])
    const updated = await json<Account>(['clients', 'update', shop.id, '--attribute', 'seats='])
    expect(updated.attributes).toEqual({ tier: 'gold' })
    const found = await run(['clients', 'list', '--attribute', 'tier=gold', '--text', 'SHO', '-o', 'name'])
    expect(found.stdout).toBe(`${shop.id}\n`)
  })

  test('an admin puts services beside those of the root, and is told of a name that is taken above', async () => {
    const own = createSandbox()
    const asAdmin = (argv: readonly string[], text: string): Promise<Outcome> =>
      own.run({ argv: [...argv, '--server', daemon.url], stdin: { text } })
    const signIn = ['login', '--role', 'admin', '--username', 'acme', '--password-stdin']
    expect(await asAdmin(signIn, PASSWORD)).toMatchObject({ code: 0 })
    const orders = readFileSync(join(EXAMPLES, 'services/orders.json'), 'utf8')
    const taken = await asAdmin(['services', 'put', '-'], orders)
    expect(taken.code).toBe(3)
    expect(taken.stderr).toMatch(
      /the server does not accept this service [^]*standard input:2:14: error E_VALUE: root declares a service orders/,
    )
    const invoices = orders.replaceAll('orders', 'invoices')
    for (let times = 0; times < 2; times += 1)
      expect(await asAdmin(['services', 'put', '-', '--json'], invoices)).toMatchObject({ code: 0 })
    expect((await asAdmin(['services', 'delete', 'invoices', '--yes'], '')).code).toBe(0)
    own.remove()
  })

  test('access: check, explain, and who can', async () => {
    const resource = `order/${admin.id}/${shop.id}/1`
    const check = (total: number) =>
      json<Decision>([
        'access',
        'check',
        'orders:Refund',
        resource,
        '--principal',
        shop.id,
        '--context',
        `orders.total=${total}`,
      ])
    expect(await check(500)).toMatchObject({ decision: 'ALLOW', decision_id: null })
    const ask = ['access', 'check', 'orders:Refund', resource, '--principal', shop.id, '--context']
    expect(await run([...ask, 'orders.total=500', '--exit-code'])).toMatchObject({ code: 0, stderr: '' })
    const refusal = await run([...ask, 'orders.total=501', '--exit-code'])
    expect(refusal).toMatchObject({ code: 8 })
    expect(refusal.stderr).toMatch(/^Next: authctl access explain --decision [\w-]{16,}\n$/)
    // Where no policy was asked, none can say why.
    const unknown = await run(['access', 'check', 'orders:Frobnicate', resource])
    expect(unknown).toMatchObject({ code: 0, stderr: '' })
    expect(unknown.stdout).toMatch(/\nreason\tunknown_action: no service /)
    // One that is near to a declared one is misspelt: any denial of it would look right.
    const misspelt = await run(['access', 'check', 'orders:Refnud', resource, '--exit-code'])
    expect(misspelt).toMatchObject({ code: 64, stdout: '' })
    expect(misspelt.stderr).toMatch(/no service declares orders:Refnud\nDid you mean orders:Refund\?\n/)
    const about = ['access', 'check', 'orders:Refund', `place/${shop.id}`, '--context', 'orders.total=1']
    const other = await run(about)
    expect(other.stdout).toMatch(/\nreason\tunknown_resource_type: /)
    const denied = await check(501)
    expect(denied).toMatchObject({ decision: 'DENY_IMPLICIT' })
    const explained = await run(['access', 'explain', '--decision', String(denied.decision_id)])
    expect(explained).toMatchObject({ code: 0 })
    expect(explained.stdout).toMatch(new RegExp(`^principal\t${shop.id}\naction\torders:Refund\nresource\t`))
    expect(explained.stdout).toMatch(
      /\nown of cli_\w+\tnone, decides\troot\/orders-clerk SmallRefunds \(orders-clerk\.json:\d+:\d+\): orders\.total is 501, wanted NumericLessThanEquals 500\n/,
    )
    expect(explained.stdout).toMatch(
      /\nWOULD ALLOW IF\n[^\n]*orders\.total met[^]*\nNAMESPACE\tREVISION\tID\nroot\t\d+\t/,
    )
    const missing = await run(['access', 'explain', 'orders:Refund', resource, '--principal', shop.id])
    expect(missing).toMatchObject({ code: 64, stdout: '' })
    expect(missing.stderr).toMatch(/\n {2}- --context orders\.total: /)
    const who = await run([
      'access',
      'who-can',
      'orders:Refund',
      resource,
      '--context',
      'orders.total=1',
      '-o',
      'name',
    ])
    expect(who.stdout.split('\n')).toEqual(expect.arrayContaining([admin.id, shop.id]))
    const table = await run(['access', 'who-can', 'orders:Refund', resource, '--context', 'orders.total=1'])
    expect(table.stdout).toMatch(/^ID\tROLE\tNAME\t/)
    expect(table.stdout).toContain(`${shop.id}\tclient\t`)
  })

  test('a file whose keys are there twice is refused by line and column, before anything is sent', async () => {
    const file = join(sandbox.directory, 'twice.json')
    writeFileSync(file, '{"Version": "authctl/1", "Id": "twice",\n "Statement": [], "Statement": []}')
    const { code, stderr } = await run(['policies', 'put', file])
    expect(code).toBe(3)
    expect(stderr).toMatch(/1 error in [^\n]*twice\.json\n[^\n]*twice\.json:2:19: error E_DUP_KEY: /)
  })

  test('what is in use is kept; detached and deleted, it is gone', async () => {
    expect(await run(['policies', 'delete', 'orders-clerk', '--yes'])).toMatchObject({ code: 5 })
    expect(await json(['policies', 'detach', 'orders-clerk', shop.id])).toMatchObject({ policies: [] })
    expect(await json(['policies', 'attach', 'orders-clerk', 'SHOP'])).toMatchObject({ id: shop.id })
    expect(await json(['policies', 'detach', 'orders-clerk', 'shop'])).toMatchObject({ policies: [] })
    const nobody = await run(['policies', 'attach', 'orders-clerk', 'sho'])
    expect(nobody).toMatchObject({ code: 1, stdout: '' })
    expect(nobody.stderr).toMatch(/there is no account with the username sho that you see\n/)
    const sessions = await json<{ items: object[] }>(['clients', 'sessions', shop.id])
    expect(sessions.items).toEqual([])
    expect(await run(['admins', 'delete', admin.id, '--yes'])).toMatchObject({ code: 5 })
    expect(await json(['clients', 'delete', shop.id, '--yes'])).toEqual({ id: shop.id, deleted: true })
    expect(await json(['admins', 'delete', admin.id, '--yes'])).toMatchObject({ deleted: true })
    expect(await run(['admins', 'get', admin.id])).toMatchObject({ code: 1 })
  })
})
