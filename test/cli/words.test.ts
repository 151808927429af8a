import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Family, PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { hostSettings } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Invocation, type Outcome, type Sandbox } from './run-cli.ts'

const NONE_SKIPPED = { skipped: 0, skip_reasons: [] }
const SAMPLE = join(ROOT, 'examples/places/bengaluru.geojson')

let daemon: TestDaemon
let family: Family
let sandbox: Sandbox
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))
beforeAll(() => {
  sandbox = createSandbox()
})
afterAll(() => sandbox.remove())

const run = async (argv: readonly string[], more: Omit<Invocation, 'argv'> = {}): Promise<Outcome> =>
  await sandbox.run({ ...more, argv, env: { ...hostSettings(daemon), ...more.env } })

/** Runs with --json, insists on success and returns what was printed. */
const json = async <T>(argv: readonly string[], more: Omit<Invocation, 'argv'> = {}): Promise<T> => {
  const { code, stdout, stderr } = await run([...argv, '--json'], more)
  expect({ code, stderr: code === 0 ? '' : stderr + stdout }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

const login = async (role: string, username: string, password: string): Promise<Outcome> =>
  await run(['login', '--server', daemon.url, '--role', role, '--username', username, '--password-stdin'], {
    stdin: { text: password },
  })

interface Account {
  readonly id: string
  readonly role: string
  readonly status: string
  readonly username: string | null
  readonly parent_id: string | null
}
interface Page {
  readonly items: readonly Account[]
  readonly next_cursor: string | null
}

const create = async (topic: string, name: string): Promise<Account> =>
  await json<Account>([topic, 'create', '--name', name, '--username', name, '--password-stdin'], {
    stdin: { text: PASSWORD },
  })

const credentials = (): string => readFileSync(join(sandbox.configDirectory, 'credentials.json'), 'utf8')

// The story itself is told in test/journeys/faces; this is what only the command line says, prints and exits
// with.
// Each test goes on where the one before stopped.
describe('the words of the command line', () => {
  test('CLI-C16: login keeps the session in a file with mode 0600 and says so; the password is nowhere in it', async () => {
    const { code, stderr } = await login('super-admin', 'root', PASSWORD)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain(join(sandbox.configDirectory, 'credentials.json'))
    expect(statSync(join(sandbox.configDirectory, 'credentials.json')).mode & 0o777).toBe(0o600)
    expect(credentials()).not.toContain(PASSWORD)
  })

  test('CLI-C15: whoami shows who, where, until when, and where the token came from', async () => {
    const me = await json<{
      server: string
      account: Account
      token: { source: string; expires_at: string }
    }>(['whoami'])
    expect(me).toMatchObject({
      server: daemon.url,
      account: { role: 'super-admin', username: 'root' },
    })
    expect(me.token.source).toBe(join(sandbox.configDirectory, 'credentials.json'))
    expect(Date.parse(me.token.expires_at)).toBeGreaterThan(Date.now())
    expect((await run(['whoami', '-o', 'name'])).stdout).toBe(`${me.account.id}\n`)
  })

  test('CLI-C15: AUTHCTL_TOKEN wins over the file, and a bad one exits 4', async () => {
    const { code, stderr } = await run(['whoami'], { env: { AUTHCTL_TOKEN: 'x.y.z' } })
    expect(code).toBe(4)
    expect(stderr).toMatch(/authctl login/)
    expect((await run(['whoami'])).code).toBe(0)
  })

  test('CLI-C18: --debug shows requests with their ids and no secret', async () => {
    const { code, stderr } = await run(
      [
        'login',
        '--server',
        daemon.url,
        '--role',
        'super-admin',
        '--username',
        'root',
        '--password-stdin',
        '--debug',
      ],
      { stdin: { text: PASSWORD } },
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/> POST http:\/\/127\.0\.0\.1:\d+\/auth\/superadmin\/login/)
    expect(stderr).toMatch(/< 200 in \d+ ms, request [\w-]+/)
    expect(stderr).not.toMatch(/horse|eyJ|authctl_rt_/)
  })

  test('a name that is taken exits 5, under --json with the code and the request', async () => {
    const { code, stdout } = await run(
      ['admins', 'create', '--name', 'A', '--username', 'ASHA', '--password-stdin', '--json'],
      { stdin: { text: PASSWORD } },
    )
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'account_exists', requestId: expect.any(String) as string },
    })
  })

  test('who is created here is not signed in by it', async () => {
    const second = await create('superadmins', 'root.two')
    expect(await json(['superadmins', 'sessions', second.id])).toEqual({ items: [] })
  })

  test('an admin may not create admins: exit 4 and how to have it explained; what is missing exits 64', async () => {
    expect((await login('admin', 'asha', PASSWORD)).code).toBe(0)
    const eve = ['--name', 'Eve', '--number', '+919876500000']
    const denied = await run(['admins', 'create', ...eve])
    expect(denied.code).toBe(4)
    expect(denied.stderr).toMatch(/\nNext: authctl access explain --decision [\w-]{16,}\n$/)
    const orphan = await run(['subclients', 'create', ...eve])
    expect(orphan.code).toBe(64)
    expect(orphan.stderr).toMatch(/\n {2}- --client: Name the client/)
  })

  test('CLI-C12: lists in every format; get shows one', async () => {
    for (const name of ['one', 'two', 'three']) await create('clients', `rides.${name}`)
    const all = await json<Page>(['clients', 'list', '--all'])
    expect(all.items).toHaveLength(4)
    expect(all.next_cursor).toBeNull()
    const table = await run(['clients', 'list', '--limit', '2'])
    expect(table.stdout.split('\n')[0]).toBe('ID\tNAME\tUSERNAME\tPHONE\tSTATUS\tPARENT ID\tCREATED AT')
    expect(table.stdout.trim().split('\n')).toHaveLength(3)
    const cursor = /--cursor (\S+)/.exec(table.stderr)?.[1] ?? ''
    const rest = await run(['clients', 'list', '--cursor', cursor, '-o', 'name'])
    expect(rest.stdout.trim().split('\n')).toEqual(all.items.slice(2).map(({ id }) => id))
    expect((await run(['clients', 'list', '-o', 'yaml'])).stdout).toMatch(/^items:\n {2}- id: cli_/)
    expect((await json<Page>(['subclients', 'list', '--parent', family.client.id])).items).toHaveLength(1)
    expect(await json<Account>(['clients', 'get', family.client.id])).toMatchObject({ id: family.client.id })
    expect((await run(['clients', 'get', family.client.id])).stdout).toMatch(/^id\tcli_/)
  })

  test('CLI-C5: what is not there exits 1 and names the request', async () => {
    const { code, stderr } = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/\(request [\w-]+\)/)
  })

  test('CLI-C11: disable needs --yes and then works; enable takes it back', async () => {
    expect((await run(['clients', 'disable', family.client.id])).code).toBe(7)
    expect(await json<Account>(['clients', 'get', family.client.id])).toMatchObject({ status: 'active' })
    expect(await json<Account>(['clients', 'disable', family.client.id, '--yes'])).toMatchObject({
      status: 'disabled',
    })
    expect((await json<Page>(['clients', 'list', '--status', 'disabled'])).items).toHaveLength(1)
    expect(await json<Account>(['clients', 'enable', family.client.id])).toMatchObject({ status: 'active' })
  })

  test('places import reads a file', async () => {
    expect(await json(['places', 'import', SAMPLE])).toEqual({
      created: 25,
      updated: 0,
      unchanged: 0,
      ...NONE_SKIPPED,
    })
  })

  test('places import sends large files in pieces, and points to the feature of the file that is wrong', async () => {
    const features = Array.from({ length: 1500 }, (_, index) => ({
      type: 'Feature',
      id: `many-${index}`,
      geometry: { type: 'Point', coordinates: [10 + (index % 100) / 1000, 50] },
      properties: { type: 'ev-charger', name: `Charger ${index}` },
    }))
    const text = (list: readonly unknown[]): string =>
      JSON.stringify({ type: 'FeatureCollection', features: list })
    expect(await json(['places', 'import', '-'], { stdin: { text: text(features) } })).toEqual({
      created: 1500,
      updated: 0,
      unchanged: 0,
      ...NONE_SKIPPED,
    })
    const bad = features.map((feature, index) =>
      index === 1203 ? { ...feature, geometry: { type: 'Point', coordinates: [200, 50] } } : feature,
    )
    const { code, stderr } = await run(['places', 'import', '-'], { stdin: { text: text(bad) } })
    expect(code).toBe(1)
    expect(stderr).toMatch(/the first 1000 of 1500 features are imported/)
    expect(stderr).toContain('/features/1203/geometry/coordinates')
  })

  test('places list: near, in a box, by type, every page', async () => {
    const near = await json<{ items: { id: string; distance_m: number }[] }>([
      'places',
      'list',
      '--near',
      '77.6070,12.9755',
      '--radius',
      '2500',
    ])
    expect(near.items[0]).toMatchObject({ id: 'blr-ev-mg-road-metro' })
    const box = await json<{ items: unknown[] }>(['places', 'list', '--bbox', '77.4,12.8,77.8,13.2', '--all'])
    expect(box.items).toHaveLength(25)
    const swap = await run(['places', 'list', '--bbox', '77.4,12.8,77.8,13.2', '--type', 'swap-station'])
    expect(swap.stdout).toMatch(/\tswap-station\t/)
    expect(swap.stdout).not.toMatch(/\tev-charger\t/)
    expect((await json<{ items: unknown[] }>(['places', 'list', '--all'])).items).toHaveLength(1525)
  })

  test('CLI-C20: a reader that stops early is no error', async () => {
    const { code, stderr } = await sandbox.spawn({
      argv: ['places', 'list', '--all', '--json'],
      stopsReading: true,
    })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('an expired access token is renewed, and the rotated refresh token is written back', async () => {
    const path = join(sandbox.configDirectory, 'credentials.json')
    const before = credentials()
    // As if the token had lived its time: the SDK looks at its own record of the expiry.
    writeFileSync(path, before.replace(/"expiresAt": \d+/, '"expiresAt": 1'))
    expect((await run(['whoami'])).code).toBe(0)
    expect(credentials()).not.toBe(before)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await run(['whoami'])).code).toBe(0)
  })

  test('doctor sees a healthy daemon; healthcheck exits 0', async () => {
    const { checks } = await json<{ checks: { name: string; status: string }[] }>([
      'doctor',
      '--server',
      daemon.url,
    ])
    // What proxies say is for super-admins.
    expect(checks.filter(({ status }) => status !== 'ok')).toMatchObject([
      { name: 'proxies', status: 'warn' },
    ])
    const names = [
      'server',
      'tls',
      'version',
      'ready',
      'clock',
      'public-url-seen',
      'jwks',
      'proxies',
      'credentials',
    ]
    expect(checks.map(({ name }) => name)).toEqual(names)
    expect((await run(['healthcheck', '--server', daemon.url])).code).toBe(0)
    expect((await run(['healthcheck'], { env: { PORT: new URL(daemon.url).port } })).code).toBe(0)
  })

  test('logout ends the session on the server and removes it here', async () => {
    const session = credentials()
    const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(session)?.[0] ?? ''
    const { code, stderr } = await run(['logout'])
    expect(code).toBe(0)
    expect(stderr).toMatch(/has ended/)
    expect(credentials()).not.toContain('eyJ')
    expect((await run(['whoami', '--server', daemon.url], { env: { AUTHCTL_TOKEN: token } })).code).toBe(4)
    expect((await run(['whoami', '--server', daemon.url])).code).toBe(4)
  })
})
