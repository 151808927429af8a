import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostSettings, type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Outcome, type Sandbox } from './run-cli.ts'

const PASSWORD = 'a lantern above nine quiet harbours'
const EXAMPLES = join(ROOT, 'examples/policies')

let daemon: RunningDaemon
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

beforeAll(async () => {
  sandbox = createSandbox()
  daemon = await startDaemon()
  await run(['bootstrap', '--username', 'root.operator', '--password-stdin'], PASSWORD)
  const signIn = ['login', '--server', daemon.url, '--role', 'super-admin', '--username', 'root.operator']
  expect(await run([...signIn, '--password-stdin'], PASSWORD)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await daemon.stop()
  sandbox.remove()
})

// Each test goes on where the one before stopped: it is one story.
describe('policies on the command line', () => {
  let admin: Account
  let shop: Account

  test('services and policies are put from the files of the example set', async () => {
    const early = await run(['policies', 'put', join(EXAMPLES, 'documents/orders-clerk.json')])
    expect(early).toMatchObject({ code: 3, stdout: '' })
    expect(early.stderr).toMatch(/orders-clerk\.json:9:\d+: no declared action matches "orders:Read"/)
    expect(await json(['services', 'put', join(EXAMPLES, 'services/orders.json')])).toMatchObject({
      namespace: 'root',
    })
    for (const name of ['orders-clerk', 'read-only'])
      expect(await json(['policies', 'put', join(EXAMPLES, `documents/${name}.json`)])).toMatchObject({
        detail: 'Policy created',
        policy: { name: `root/${name}` },
      })
    // The same again replaces it by itself: nothing is lost, nothing is asked.
    expect(await json(['policies', 'put', join(EXAMPLES, 'documents/read-only.json')])).toMatchObject({
      detail: 'Policy replaced',
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
    const refused = await run(['attachments', 'put', join(EXAMPLES, 'attachments/roles.json')])
    expect(refused).toMatchObject({ code: 7, stdout: '' })
    await json(['attachments', 'put', join(EXAMPLES, 'attachments/roles.json'), '--yes'])
    const { attachments } = await json<{ attachments: object[] }>(['attachments', 'get'])
    expect(attachments).toHaveLength(6)
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
    const denied = await check(501)
    expect(denied).toMatchObject({ decision: 'DENY_IMPLICIT' })
    const explained = await run(['access', 'explain', '--decision', String(denied.decision_id)])
    expect(explained).toMatchObject({ code: 0 })
    expect(explained.stdout).toMatch(/SmallRefunds: orders\.total is \["501"\], not 500/)
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
  })

  test('a boundary lowers the shop at once, and is lifted again', async () => {
    const resource = `order/${admin.id}/${shop.id}/1`
    const ask = [
      'access',
      'check',
      'orders:Refund',
      resource,
      '--principal',
      shop.id,
      '--context',
      'orders.total=1',
    ]
    expect(await json(['policies', 'set-boundary', shop.id, 'read-only'])).toMatchObject({
      boundary: 'root/read-only',
    })
    expect(await json(ask)).toMatchObject({ decision: 'DENY_EXPLICIT' })
    expect(await json(['policies', 'set-boundary', shop.id, '--clear'])).toMatchObject({ boundary: null })
    expect(await json(ask)).toMatchObject({ decision: 'ALLOW' })
  })

  test('a file whose keys are there twice is refused by line and column, by the server too', async () => {
    const file = join(sandbox.directory, 'twice.json')
    writeFileSync(file, '{"Version": "authctl/1", "Id": "twice",\n "Statement": [], "Statement": []}')
    const { code, stderr } = await run(['policies', 'put', file])
    expect(code).toBe(3)
    expect(stderr).toMatch(/twice\.json:2:19: /)
  })

  test('what is in use is kept; detached and deleted, it is gone', async () => {
    expect(await run(['policies', 'delete', 'orders-clerk', '--yes'])).toMatchObject({ code: 5 })
    expect(await json(['policies', 'detach', 'orders-clerk', shop.id])).toMatchObject({ policies: [] })
    const sessions = await json<{ items: object[] }>(['clients', 'sessions', shop.id])
    expect(sessions.items).toEqual([])
    expect(await run(['admins', 'delete', admin.id, '--yes'])).toMatchObject({ code: 5 })
    expect(await json(['clients', 'delete', shop.id, '--yes'])).toEqual({ id: shop.id, deleted: true })
    expect(await json(['admins', 'delete', admin.id, '--yes'])).toMatchObject({ deleted: true })
    expect(await run(['admins', 'get', admin.id])).toMatchObject({ code: 1 })
  })
})
