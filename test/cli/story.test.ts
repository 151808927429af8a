import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostSettings, type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { ROOT } from '../support/source-files.ts'
import { createSandbox, type Invocation, type Outcome, type Sandbox } from './run-cli.ts'
import { runOnTerminal } from './terminal.ts'

const PASSWORDS = {
  root: 'a lantern above nine quiet harbours',
  admin: 'seven brass kettles sing at dawn',
  client: 'the tram climbs slowly past jasmine',
}
const PHONE = '+919876543210'
const NONE_SKIPPED = { skipped: 0, skip_reasons: [] }
const SAMPLE = join(ROOT, 'examples/places/bengaluru.geojson')

let daemon: RunningDaemon
let sandbox: Sandbox

beforeAll(async () => {
  sandbox = createSandbox()
  daemon = await startDaemon()
})
afterAll(async () => {
  await daemon?.stop()
  sandbox.remove()
})

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

const create = async (
  topic: string,
  name: string,
  password: string,
  more: readonly string[] = [],
): Promise<Account> =>
  await json<Account>([topic, 'create', '--name', name, '--username', name, '--password-stdin', ...more], {
    stdin: { text: password },
  })

const credentials = (): string => readFileSync(join(sandbox.configDirectory, 'credentials.json'), 'utf8')

// Each test goes on where the one before stopped: it is one story.
describe('the story on the command line', () => {
  let client: Account

  test('CLI-C17: bootstrap on the host creates the first super-admin while the daemon runs', async () => {
    const { code, stdout, stderr } = await run(
      ['bootstrap', '--username', 'root.operator', '--password-stdin'],
      { stdin: { text: `${PASSWORDS.root}\n` } },
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stdout).toMatch(/^outcome\tcreated\nid\tsa_[0-9a-z]{26}\nusername\troot\.operator\n$/)
    expect(stderr).toMatch(/Next: authctl login --role super-admin --username root\.operator/)
  })

  test('CLI-C17: bootstrap again says that it exists, exit 0; with another username it is a conflict, exit 5', async () => {
    const again = await run(['bootstrap', '--username', 'root.operator', '--password-stdin'], {
      stdin: { text: PASSWORDS.root },
    })
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/exists already: nothing was changed/)
    const other = await run(['bootstrap', '--username', 'somebody.else', '--password-stdin'], {
      stdin: { text: PASSWORDS.root },
    })
    expect(other.code).toBe(5)
    expect(other.stderr).toMatch(/^Error: .*super-admin.*exists/m)
    expect(other.stderr).toMatch(/authctl login/)
    const unasked = await runOnTerminal(
      sandbox,
      ['bootstrap', '--username', 'root.operator'],
      [],
      hostSettings(daemon),
    )
    expect(unasked).toMatchObject({ code: 0, stdout: expect.stringContaining('exists already') as string })
    expect(unasked.stdout).not.toContain('Password')
  })

  test('CLI-C5: bootstrap against the daemon is a conflict as well, and a wrong password exits 4', async () => {
    const remote = await run(['bootstrap', '--server', daemon.url, '--username', 'x.y', '--password-stdin'], {
      stdin: { text: PASSWORDS.root },
      env: { AUTHCTL_SETUP_TOKEN: 'guess' },
    })
    expect([4, 5]).toContain(remote.code)
    const { code, stderr, stdout } = await login('super-admin', 'root.operator', 'not the password at all')
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(stderr).toMatch(/^Error: .+ \(request [\w-]+\)/m)
  })

  test('CLI-C16: login keeps the session in a file with mode 0600 and says so; the password is nowhere in it', async () => {
    const { code, stderr } = await login('super-admin', 'root.operator', PASSWORDS.root)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain(join(sandbox.configDirectory, 'credentials.json'))
    expect(statSync(join(sandbox.configDirectory, 'credentials.json')).mode & 0o777).toBe(0o600)
    expect(credentials()).not.toContain(PASSWORDS.root)
  })

  test('CLI-C15: whoami shows who, where, until when, and where the token came from', async () => {
    const me = await json<{
      server: string
      account: Account
      token: { source: string; expires_at: string }
    }>(['whoami'])
    expect(me).toMatchObject({
      server: daemon.url,
      account: { role: 'super-admin', username: 'root.operator' },
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
        'root.operator',
        '--password-stdin',
        '--debug',
      ],
      { stdin: { text: PASSWORDS.root } },
    )
    expect(code).toBe(0)
    expect(stderr).toMatch(/> POST http:\/\/127\.0\.0\.1:\d+\/auth\/superadmin\/login/)
    expect(stderr).toMatch(/< 200 in \d+ ms, request [\w-]+/)
    expect(stderr).not.toMatch(/lantern|eyJ|authctl_rt_/)
  })

  test('admins create, a second one with the same username is a conflict', async () => {
    const admin = await create('admins', 'asha', PASSWORDS.admin)
    expect(admin).toMatchObject({ role: 'admin', username: 'asha', status: 'active' })
    const { code, stdout } = await run(
      ['admins', 'create', '--name', 'A', '--username', 'ASHA', '--password-stdin', '--json'],
      {
        stdin: { text: PASSWORDS.admin },
      },
    )
    expect(code).toBe(5)
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'account_exists', requestId: expect.any(String) as string },
    })
  })

  test('superadmins: a second one is created, listed, changed, disabled and enabled', async () => {
    const second = await create('superadmins', 'root.two', PASSWORDS.root)
    expect(second).toMatchObject({ role: 'super-admin' })
    expect((await json<Page>(['superadmins', 'list'])).items).toHaveLength(2)
    expect(await json<Account>(['superadmins', 'get', second.id])).toMatchObject({ username: 'root.two' })
    expect(await json(['superadmins', 'update', second.id, '--name', 'Two'])).toMatchObject({ name: 'Two' })
    expect(await json(['superadmins', 'sessions', second.id])).toEqual({ items: [] })
    expect(await json(['superadmins', 'disable', second.id, '--yes'])).toMatchObject({ status: 'disabled' })
    expect(await json(['superadmins', 'enable', second.id])).toMatchObject({ status: 'active' })
  })

  test('as admin: clients and sub-clients are created, and the client may not create admins (exit 4)', async () => {
    expect((await login('admin', 'asha', PASSWORDS.admin)).code).toBe(0)
    client = await create('clients', 'namma.rides', PASSWORDS.client, [
      '--attribute',
      'tier=gold',
      '--attribute',
      'depots=2',
    ])
    expect(client).toMatchObject({ role: 'client', attributes: { tier: 'gold', depots: 2 } })
    const sub = await create('subclients', 'depot.south', PASSWORDS.client, ['--client', client.id])
    expect(sub).toMatchObject({ role: 'sub-client', parent_id: client.id })
    const eve = ['--name', 'Eve', '--number', '+919876500000']
    const denied = await run(['admins', 'create', ...eve])
    expect(denied.code).toBe(4)
    expect(denied.stderr).toMatch(/\nNext: authctl access explain --decision [\w-]{16,}\n$/)
    const orphan = await run(['subclients', 'create', ...eve])
    expect(orphan.code).toBe(64)
    expect(orphan.stderr).toMatch(/\n {2}- --client: Name the client/)
  })

  test('CLI-C12: lists in every format; get shows one', async () => {
    for (const name of ['one', 'two', 'three']) await create('clients', `rides.${name}`, PASSWORDS.client)
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
    expect((await json<Page>(['subclients', 'list', '--parent', client.id])).items).toHaveLength(1)
    expect(await json<Account>(['clients', 'get', client.id])).toMatchObject({ id: client.id })
    expect((await run(['clients', 'get', client.id])).stdout).toMatch(/^id\tcli_/)
  })

  test('CLI-C5: what is not there exits 1 and names the request', async () => {
    const { code, stderr } = await run(['clients', 'get', 'cli_00000000000000000000000000'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/\(request [\w-]+\)/)
  })

  test('CLI-C11: disable needs --yes and then works; enable takes it back', async () => {
    expect((await run(['clients', 'disable', client.id])).code).toBe(7)
    expect(await json<Account>(['clients', 'get', client.id])).toMatchObject({ status: 'active' })
    expect(await json<Account>(['clients', 'disable', client.id, '--yes'])).toMatchObject({
      status: 'disabled',
    })
    expect((await json<Page>(['clients', 'list', '--status', 'disabled'])).items).toHaveLength(1)
    expect(await json<Account>(['clients', 'enable', client.id])).toMatchObject({ status: 'active' })
  })

  test('places import from a file and from standard input; repeating changes nothing', async () => {
    expect(await json(['places', 'import', SAMPLE])).toEqual({
      created: 25,
      updated: 0,
      unchanged: 0,
      ...NONE_SKIPPED,
    })
    expect(await json(['places', 'import', '-'], { stdin: { text: readFileSync(SAMPLE, 'utf8') } })).toEqual({
      created: 0,
      updated: 0,
      unchanged: 25,
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

  test('an end user signs in by phone on a terminal: the code comes from otp tail', async () => {
    const user = createSandbox()
    const readCode = async (): Promise<string> => {
      const { code, stdout } = await run(['otp', 'tail', '--once', '--number', '9876543210', '-o', 'name'])
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d{6}\n$/) as string })
      return `${stdout.trim()}\r`
    }
    const screen = await runOnTerminal(
      user,
      ['login', '--server', daemon.url, '--number', PHONE],
      [{ when: 'Code: ', type: readCode }],
    )
    expect(screen).toMatchObject({ code: 0, stdout: expect.stringContaining('Signed in to') as string })
    const me = await user.run({ argv: ['whoami', '--json'] })
    expect(JSON.parse(me.stdout)).toMatchObject({ account: { role: 'user', phone: PHONE } })
    expect((await json<Page>(['users', 'list'])).items).toHaveLength(1)
    user.remove()
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

  test('CLI-C18: start on a port that is taken says so in two lines', async () => {
    const { code, stdout, stderr } = await sandbox.spawn({
      argv: ['start', '--port', new URL(daemon.url).port],
      env: hostSettings(daemon),
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Error: [^\n]*EADDRINUSE[^\n]*\nAnother process has this port: [^\n]+\n$/)
  })

  test('doctor sees a healthy daemon; healthcheck exits 0', async () => {
    const { checks } = await json<{ checks: { name: string; status: string }[] }>([
      'doctor',
      '--server',
      daemon.url,
    ])
    expect(checks.filter(({ status }) => status !== 'ok')).toEqual([])
    expect(checks.map(({ name }) => name)).toEqual(['server', 'version', 'ready', 'clock', 'credentials'])
    expect((await run(['healthcheck', '--server', daemon.url])).code).toBe(0)
    expect((await run(['healthcheck'], { env: { PORT: new URL(daemon.url).port } })).code).toBe(0)
  })

  test('doctor on the host looks at the store and the configuration too', async () => {
    const { checks } = await json<{ checks: { name: string; status: string }[] }>(['doctor'], {
      env: { PORT: new URL(daemon.url).port },
    })
    expect(checks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'store', status: 'ok' }),
        expect.objectContaining({ name: 'server', status: 'ok' }),
      ]),
    )
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

describe('where the daemon is not the one of before', () => {
  test('CLI-C17: bootstrap against a running daemon with its set-up token', async () => {
    const fresh = await startDaemon()
    const own = createSandbox()
    try {
      const argv = ['bootstrap', '--server', fresh.url, '--username', 'root.operator', '--password-stdin']
      const stdin = { text: PASSWORDS.root }
      const wrong = await own.run({ argv, stdin, env: { AUTHCTL_SETUP_TOKEN: 'guess' } })
      expect(wrong.code).toBe(4)
      expect(wrong.stderr).toMatch(/setup-token/)
      const right = await own.run({
        argv: [...argv, '--setup-token-file', join(fresh.dataDir, 'setup-token'), '-o', 'name'],
        stdin,
      })
      expect(right).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sa_/) as string })
      // The daemon answers with a first token; it is not kept and not printed.
      expect(right.stdout + right.stderr).not.toContain('eyJ')
    } finally {
      own.remove()
      await fresh.stop()
    }
  })

  test('logout forgets the session although the server is gone, and says that it lives on there', async () => {
    const fresh = await startDaemon()
    const own = createSandbox()
    const env = hostSettings(fresh)
    const stdin = { text: PASSWORDS.root }
    await own.run({ argv: ['bootstrap', '--username', 'root.operator', '--password-stdin'], stdin, env })
    const signedIn = await own.run({
      argv: ['login', '--server', fresh.url, '--username', 'root.operator', '--password-stdin'],
      stdin,
    })
    await fresh.stop()
    expect(signedIn.code).toBe(0)
    const { code, stderr } = await own.run({ argv: ['logout'] })
    expect(code).toBe(0)
    expect(stderr).toMatch(/could not be ended .*lives on/)
    expect(readFileSync(join(own.configDirectory, 'credentials.json'), 'utf8')).not.toContain('authctl_rt_')
    own.remove()
  })

  test('init writes a folder in which a daemon has no generated secrets, and overwrites nothing', async () => {
    const own = createSandbox()
    const folder = join(own.directory, 'new')
    const first = await own.run({ argv: ['init', 'new', '--json'] })
    expect(JSON.parse(first.stdout)).toHaveLength(3)
    expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600)
    const { stdout } = await own.run({ argv: ['config', 'print', '--json'], cwd: folder })
    expect(JSON.parse(stdout)).toContainEqual({ name: 'AUTHCTL_SECRET', value: '(set)', source: '.env' })
    const again = await own.run({ argv: ['init', 'new'] })
    expect(again).toMatchObject({
      code: 5,
      stdout: '',
      stderr: expect.stringMatching(/\.env, \.gitignore, README\.md/) as string,
    })
    mkdirSync(join(own.directory, 'half'))
    writeFileSync(join(own.directory, 'half/README.md'), 'mine')
    expect((await own.run({ argv: ['init', 'half'] })).code).toBe(5)
    expect(existsSync(join(own.directory, 'half/.env'))).toBe(false)
    own.remove()
  })
})
