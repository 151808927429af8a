import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD, type Family } from '../support/accounts.ts'
import { tokenOf } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import { hostSettings } from '../support/running-daemon.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { createSandbox, type Invocation, type Outcome, type Sandbox } from './run-cli.ts'

let daemon: TestDaemon
let family: Family
let sandbox: Sandbox
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))
beforeAll(async () => {
  sandbox = createSandbox()
  const argv = ['login', '--server', daemon.url, '--username', 'root', '--password-stdin']
  expect(await sandbox.run({ argv, stdin: { text: PASSWORD } })).toMatchObject({ code: 0 })
})
afterAll(() => sandbox.remove())

const run = async (line: string, more: Omit<Invocation, 'argv'> = {}): Promise<Outcome> =>
  await sandbox.run({ ...more, argv: line.split(' ') })

const json = async <T>(line: string, more: Omit<Invocation, 'argv'> = {}): Promise<T> => {
  const { code, stdout, stderr } = await run(`${line} --json`, more)
  expect(code, stderr + stdout).toBe(0)
  return JSON.parse(stdout) as T
}

interface Place {
  readonly id: string
  readonly name: string
  readonly operator: string | null
  readonly longitude: number
}

test('places are made, changed and taken away; what is exported is imported unchanged', async () => {
  const made = await json<Place>(
    'places create --id depot-7 --type swap-station --name Depot --at 77.59,12.97',
  )
  expect(made).toMatchObject({ id: 'depot-7', longitude: 77.59, operator: null })
  expect((await run('places create --id depot-7 --type ev-charger --name x --at 1,2')).code).toBe(5)
  expect((await run('places create --name x')).stderr).toContain('missing --type, --at')
  expect((await run('places create --type ev-charger --name x --at 1,two')).code).toBe(64)
  await json('places create --type ev-charger --name MG --at -0.000001,1e-7 --address "1,MG"')
  const changed = await json<Place>('places update depot-7 --name Depot-7 --operator Voltway')
  expect(changed).toMatchObject({ name: 'Depot-7', operator: 'Voltway', longitude: 77.59 })
  expect(await json<Place>('places update depot-7 --operator=')).toMatchObject({ operator: null })
  expect((await run('places update nowhere --name x')).stderr).toContain('there is no place nowhere')

  const { stdout, stderr } = await run('places export')
  expect(stderr).toBe('2 places.\n')
  expect(stdout.trim().split('\n')).toHaveLength(4)
  writeFileSync(join(sandbox.directory, 'all.geojson'), stdout)
  expect(await json('places import all.geojson')).toMatchObject({
    created: 0,
    updated: 0,
    unchanged: 2,
    skipped: 0,
  })
  expect((await run('places delete depot-7')).code).toBe(7)
  expect(await json('places delete depot-7 --yes')).toEqual({ id: 'depot-7', deleted: true })
  expect(await json('places import all.geojson')).toMatchObject({ created: 1, unchanged: 1 })
  expect((await run('places export')).stdout).toBe(stdout)
  expect(JSON.parse((await run('places export --type ev-charger')).stdout)).toMatchObject({ features: [{}] })
})

test('D9: one’s own sessions are listed and ended, and those of accounts below', async () => {
  const again = await sandbox.run({
    argv: ['login', '--server', daemon.url, '--username', 'root', '--password-stdin'],
    stdin: { text: PASSWORD },
  })
  expect(again.code).toBe(0)
  const { items } = await json<{ items: { id: string; current: boolean }[] }>('sessions list')
  const other = items.find(({ current }) => !current)?.id ?? ''
  expect(items.filter(({ current }) => current)).toHaveLength(1)
  expect(await json(`sessions revoke ${other}`)).toEqual({ id: other, revoked: 1 })
  expect((await run(`sessions revoke ${other}`)).stderr).toContain(
    `there is no live session ${other} of yours`,
  )
  expect(await json('sessions revoke --others --yes')).toEqual({ revoked: items.length - 2 })
  expect((await json<{ items: unknown[] }>('sessions list')).items).toHaveLength(1)
  const below = await json<{ items: unknown[] }>(`sessions list --account ${family.client.id}`)
  expect(below.items).toHaveLength(1)
  expect((await run(`sessions revoke --account ${family.client.id}`)).code).toBe(7)
  expect(await json(`sessions revoke --account ${family.client.id} --yes`)).toEqual({
    id: family.client.id,
    revoked: 1,
  })
  expect((await daemon.api.get('/auth/me', family.client.access)).status).toBe(401)
  expect((await run('sessions revoke')).code).toBe(64)
})

test('a device that does not wait is named, with what to do', async () => {
  for (const line of ['devices approve WDJB-MJHT --yes', 'devices deny WDJB-MJHT']) {
    const { code, stderr } = await run(line)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/no device .* WDJB-MJHT .*\n.* begin again/)])
  }
})

test('keys are looked after at a daemon as on the host', async () => {
  interface Key {
    readonly kid: string
    readonly state: string
  }
  const at = `--server ${daemon.url}`
  const [first] = await json<Key[]>(`keys list ${at}`)
  const next = await json<Key>(`keys rotate ${at}`)
  expect(next.state).toBe('next')
  const env = { ...hostSettings(daemon), AUTHCTL_SERVER: daemon.url }
  expect((await json<Key[]>('keys list --host', { env })).map(({ kid }) => kid)).toEqual([
    first?.kid,
    next.kid,
  ])
  expect((await run(`keys revoke ${next.kid} ${at}`)).code).toBe(7)
  expect(await json(`keys revoke ${next.kid} ${at} --yes`)).toMatchObject({ state: 'revoked' })
  expect((await run(`keys revoke ${next.kid} ${at} --yes`)).code).toBe(1)
})

interface Made {
  readonly application: { readonly id: string; readonly policies: string[] | null; readonly status: string }
  readonly service_key: string
}

test('an application is made for an account below, narrowed, given another key, disabled, enabled and deleted', async () => {
  const unowned = await run('applications create --name Shop')
  expect(unowned.stderr).toContain('--owner: A super-admin has no applications')
  expect(unowned.code).toBe(64)
  const { application, service_key } = await json<Made>(
    'applications create --name Shop --owner chetan --policy authctl:Client',
  )
  const { id } = application
  expect(service_key).toMatch(/^authctl_sk_/)
  const shown = await run('applications create --name Other --owner chetan --expires-days 90')
  expect(shown.stdout).toMatch(/^service key\tauthctl_sk_[\w-]{43}$/m)
  expect(shown.stderr).toContain('The service key is shown this once')
  const { items } = await json<{ items: { id: string }[] }>('applications list --owner chetan')
  expect(items.map((each) => each.id)).toContain(id)
  expect(await json(`applications update ${id} --nothing`)).toMatchObject({ policies: [] })
  expect((await run(`applications get ${id}`)).stdout).toMatch(/^policies\tnothing$/m)
  expect(await json(`applications update ${id} --as-owner --name Depot`)).toMatchObject({
    policies: null,
    name: 'Depot',
  })
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const [pem, secret, jwk] = ['key.pem', 'secret.pem', 'key.json'].map((name) =>
    join(sandbox.directory, name),
  )
  writeFileSync(String(pem), pair.publicKey)
  writeFileSync(String(secret), pair.privateKey)
  const keyed = await json<{ jwks: { keys: { alg: string }[] } }>(
    `applications update ${id} --public-key ${pem}`,
  )
  expect(keyed.jwks.keys).toEqual([expect.objectContaining({ alg: 'EdDSA', use: 'sig' })])
  writeFileSync(String(jwk), JSON.stringify(keyed.jwks))
  const same = await json<Made & typeof keyed>(
    `applications create --name Keyed --owner chetan --public-key ${jwk}`,
  )
  expect(same.application).toMatchObject({ jwks: keyed.jwks })
  const leaked = await run(`applications update ${id} --public-key ${secret}`)
  expect([leaked.code, leaked.stderr]).toEqual([64, expect.stringContaining('holds a private key')])
  expect(await json(`applications update ${id} --without-public-keys`)).toMatchObject({ jwks: { keys: [] } })
  const rotated = await json<Made>(`applications rotate ${id} --overlap 60`)
  expect(rotated.service_key).not.toBe(service_key)
  expect((await run(`applications rotate ${id}`)).stderr).toContain('Two keys are live')
  expect((await run(`applications rotate ${id} --at-once`)).code).toBe(7)
  await json(`applications rotate ${id} --at-once --yes`)
  const { stdout: seen } = await run(`applications get ${id}`)
  expect(seen).toMatch(/^policies\tas its owner$/m)
  expect(seen).toMatch(/^KEY ID\tENDS AT\tLAST USED AT$/m)
  expect(seen).toMatch(/^key_\w+\tnever\tnever$/m)
  expect(seen).toMatch(/^key_\w+\t[\d-]+T[\d:]+Z \(ended\)\tnever$/m)
  expect((await run('applications list --owner chetan')).stdout).toMatch(/\tas its owner\t1\t/)
  expect(await json(`applications disable ${id} --yes`)).toMatchObject({ status: 'disabled' })
  expect(await json(`applications enable ${id}`)).toMatchObject({ status: 'active' })
  expect(await json(`applications get ${id}`)).toMatchObject({ id, name: 'Depot', policies: null })
  expect(await json(`applications delete ${id} --yes`)).toEqual({ id, deleted: true })
  expect((await run(`applications get ${id}`)).stderr).toContain(`there is no application ${id}`)
  expect((await run('applications get 7')).code).toBe(64)
  expect((await run(`applications update ${id}`)).stderr).toContain('nothing to change')
})

test('CLI-C15: whoami with the token of an application says which one, and whose, also where it may read nothing', async () => {
  const { id } = family.client
  const made = await json<{ application: { id: string }; service_key: string }>(
    'applications create --name Who --owner chetan',
  )
  const application = { id: made.application.id, key: made.service_key }
  for (const [policies, owner] of [
    [null, `the client chetan (${id})`],
    [[], `the account ${id}`],
  ] as const) {
    const AUTHCTL_TOKEN = await tokenOf(daemon.api, application)
    if (policies !== null) await json(`applications update ${application.id} --nothing`)
    const env = { AUTHCTL_TOKEN, AUTHCTL_SERVER: daemon.url }
    const { stdout } = await run('whoami', { env })
    expect(stdout).toContain(`id\t${application.id}\nrole\tapplication\nacts for\t${owner}\n`)
    expect(await json('whoami', { env })).toMatchObject({
      application: { id: application.id, owner_id: id },
      account: policies === null ? { id } : null,
      session_expires_at: null,
    })
    expect(await run('whoami -o name', { env })).toMatchObject({ code: 0, stdout: `${application.id}\n` })
    const kept = { env: { AUTHCTL_CONFIG_DIR: join(sandbox.directory, 'kept') } }
    const stdin = { text: AUTHCTL_TOKEN }
    const argv = `login --with-token --server ${daemon.url}`
    expect(await json(argv, { ...kept, stdin })).toMatchObject({
      id: policies === null ? id : application.id,
    })
    expect(await json('whoami', kept)).toMatchObject({ application: { id: application.id, owner_id: id } })
  }
})

test('keys on this host are of no context: one that is named with them is refused', async () => {
  for (const flag of ['--context production', '--server http://127.0.0.1:1'])
    expect(await run(`keys revoke k --host ${flag} --yes`)).toMatchObject({ code: 64 })
})

test('CLI-C25: names of policies and accounts are offered to a shell; nothing where they cannot be known', async () => {
  expect((await run('complete accounts')).stdout.split('\n')).toContain('root')
  expect((await run('complete policies')).stdout).toMatch(/^authctl:Admin$/m)
  const nobody = { AUTHCTL_SERVER: 'http://127.0.0.1:2' }
  expect(await run('complete policies', { env: nobody })).toEqual({ code: 0, stdout: '', stderr: '' })
})
