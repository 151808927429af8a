import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@authctl/sdk'
import { hooks } from '@authctl/sdk/hooks'
import { expect, test } from 'vitest'
import { createVerifier } from '../../sdk/server/index.ts'
import { type Family, PASSWORD } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const NUMBER = '+919876543210'
const ISSUER = 'https://auth.example.org'

// The story itself is told in test/journeys/faces; this is what only the SDK adds to it.
let daemon: TestDaemon
let family: Family
useFamily(
  {
    PUBLIC_URL: ISSUER,
    AUTHCTL_ACCESS_TOKEN_TTL: '1',
    AUTHCTL_CLOCK_LEEWAY: '0',
    AUTHCTL_RATE_LIMITS: 'off',
  },
  (home) => ({ daemon, family } = home),
)
/** Time for the SDK, which has the clock of the machine, and for the daemon. */
const waitMs = async (ms: number): Promise<void> => {
  await sleep(ms)
  daemon.clock.advance(ms)
}
const connect = () => createClient({ baseUrl: daemon.url })

test('a session refreshes itself once its access token has expired, and a list is read over its pages', async () => {
  const admin = connect()
  await admin.admins.login({ username: 'asha', password: PASSWORD })
  await waitMs(1200)
  expect((await admin.accounts.get(family.subClient.id)).name).toBe('sita')
  const below: string[] = []
  for await (const item of await admin.accounts.list({ limit: 1 })) below.push(item.id)
  expect(below).toEqual([family.client.id, family.subClient.id])
})

test('a session without a refresh token is renewed by the refresh key; the others of its account are ended', async () => {
  const user = connect()
  await user.otp.send({ number: NUMBER })
  const signedIn = await user.users.login({ number: NUMBER, otp: await daemon.sms.codeFor(NUMBER) })
  expect(signedIn.detail).toBe('Account created successfully')
  await user.refreshKeys.set({ new_key: 'my-refresh-key' })
  const held = await user.session.get()
  await user.session.set({ accessToken: held?.accessToken ?? '' })
  await waitMs(1200)
  await expect(user.auth.me()).rejects.toMatchObject({ code: 'invalid_token' })
  await user.tokens.regenerate({ refresh_key: 'my-refresh-key' })
  expect((await user.auth.me()).phone).toBe(NUMBER)
  expect((await user.sessions.list()).items).toHaveLength(2)
  expect(await user.sessions.revokeOthers()).toMatchObject({ revoked: 1 })
})

test('an account that is disabled gets a 401 for a session that was good', async () => {
  const shop = connect()
  await shop.clients.login({ username: 'chetan', password: PASSWORD })
  const admin = connect()
  await admin.admins.login({ username: 'asha', password: PASSWORD })
  await admin.accounts.disable(family.client.id)
  await expect(shop.auth.me()).rejects.toMatchObject({ status: 401 })
  await admin.accounts.enable(family.client.id)
})

test('places are typed: all of them, and those near with their distance', async () => {
  const admin = connect()
  await admin.admins.login({ username: 'asha', password: PASSWORD })
  const imported = await admin.places.import({
    type: 'FeatureCollection',
    features: [
      {
        type: 'Feature',
        id: 'p1',
        geometry: { type: 'Point', coordinates: [77.59, 12.97] },
        properties: { type: 'ev-charger', name: 'P1' },
      },
    ],
  })
  expect(imported).toMatchObject({ created: 1 })
  expect((await admin.places.all()).places).toHaveLength(1)
  expect((await admin.places.list({ near: '77.59,12.97' })).items[0]).toMatchObject({
    id: 'p1',
    distance_m: 0,
  })
})

test('the daemon tells everybody that it runs, and its keys', async () => {
  expect((await connect().system.info()).status).toBe('running')
  expect((await connect().keys.jwks()).keys).toHaveLength(1)
})

test('sessions of a named client, and of bootstrap, refresh; the daemon knows who asked and under which id', async () => {
  const ids: string[] = []
  const shop = createClient({
    baseUrl: daemon.url,
    clientId: 'shop',
    middleware: [hooks({ onResponse: ({ requestId }) => ids.push(requestId) })],
  })
  // Sessions are listed by the time of their use, newest first.
  daemon.clock.advance(1)
  await shop.admins.login({ username: 'asha', password: PASSWORD })
  await shop.tokens.refresh()
  const [session] = (await shop.sessions.list()).items
  expect(session).toMatchObject({ client_id: 'shop', current: true })
  expect(session?.user_agent).toMatch(/^authctl-sdk\/0\.\d+\.\d+ \(Node\.js\//)
  await shop.admins.login({ username: 'asha', password: PASSWORD, client_id: 'kiosk' })
  await shop.tokens.refresh()
  expect((await shop.sessions.list()).items.find(({ current }) => current)).toMatchObject({
    client_id: 'kiosk',
  })
  expect(ids.length).toBeGreaterThanOrEqual(6)
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true)
  const error = await shop.accounts.get('not-an-id').catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'invalid_request', requestId: ids.at(-1) })

  const fresh = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  const root = createClient({ baseUrl: fresh.url, clientId: 'console' })
  const [setup_token = ''] = readFileSync(join(fresh.dataDir, 'setup-token'), 'utf8').split('\n')
  await root.superadmins.bootstrap({ setup_token, name: 'Root', username: 'root', password: PASSWORD })
  await root.tokens.refresh()
  expect((await root.auth.me()).role).toBe('super-admin')
  await fresh.stop()
})

test('a refresh token that the daemon does not know signs out', async () => {
  for (const refreshToken of ['authctl_rt_unknown', 'two words']) {
    const client = createClient({ baseUrl: daemon.url })
    await client.session.set({ accessToken: 'x', refreshToken, expiresAt: 0 })
    await expect(client.auth.me()).rejects.toMatchObject({ status: 401 })
    expect(await client.session.get()).toBeUndefined()
  }
})

test('a set is planned, applied as planned, listed and taken back, each by one typed call', async () => {
  const root = connect()
  await root.superadmins.login({ username: 'root', password: PASSWORD })
  const Statement = [{ Effect: 'Allow', Action: 'places:List', Resource: 'place/*' }]
  const document = { Version: 'authctl/1', Id: 'sdk-readers', Statement }
  const set = {
    set: 'sdk',
    files: [
      { path: 'authctl.json', text: '{"set": "sdk"}' },
      { path: 'documents/sdk-readers.json', text: JSON.stringify(document) },
    ],
  }
  const plan = await root.policies.plan(set)
  expect(plan.changes.map(({ verb, kind, name }) => `${verb} ${kind}/${name}`)).toEqual([
    'create document/sdk-readers',
  ])
  const applied = await root.policies.apply({ ...set, plan })
  expect(applied).toMatchObject({ applied: true, revision: { number: plan.base.number + 1 } })
  const tampered = { ...plan, actor: 'somebody' }
  await expect(root.policies.apply({ ...set, plan: tampered })).rejects.toMatchObject({
    status: 422,
    code: 'plan_invalid',
  })
  expect((await root.policies.apply({ ...set, plan })).detail).toBe('No changes')
  for await (const { set: name, event } of await root.policies.revisions({ limit: 1 })) {
    expect([name, event]).toEqual(['sdk', 'apply'])
    break
  }
  const { objects } = await root.policies.revision(String(applied.revision.number))
  expect(objects.find(({ name }) => name === 'sdk-readers')).toMatchObject({
    origin: { set: 'sdk', source: 'documents/sdk-readers.json:1:29' },
  })
  const back = await root.policies.apply({ ...set, files: set.files.slice(0, 1), prune: true })
  const rollback = { revision: String(applied.revision.number) }
  expect(await root.policies.rollback({ ...rollback, dry_run: true })).toMatchObject({
    applied: false,
    revision: back.revision,
  })
  await root.policies.rollback(rollback)
  expect((await root.policies.get('root/sdk-readers')).document).toEqual(document)
})

test('S11: a token of the daemon is verified in the process, and refused once it has expired', async () => {
  let asked = 0
  const verifier = createVerifier({
    issuer: ISSUER,
    now: () => daemon.clock.now(),
    fetch: (_url, init) => {
      asked++
      return fetch(`${daemon.url}/.well-known/jwks.json`, init)
    },
  })
  const admin = connect()
  await admin.admins.login({ username: 'asha', password: PASSWORD })
  const token = (await admin.session.get())?.accessToken ?? ''
  for (let n = 0; n < 3; n++)
    expect(await verifier.verify(token)).toMatchObject({ accountId: family.admin.id, role: 'admin' })
  expect(asked).toBe(1)
  await waitMs(8000)
  await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'invalid_token', fault: 'expired' })
})
