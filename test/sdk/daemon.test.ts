import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type PlaceFeature } from '@authctl/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
beforeAll(async () => {
  daemon = await startTestDaemon({
    AUTHCTL_ACCESS_TOKEN_TTL: '1',
    AUTHCTL_CLOCK_LEEWAY: '0',
    AUTHCTL_RATE_LIMITS: 'off',
  })
})
/** Time for the SDK, which has the clock of the machine, and for the daemon. */
const waitMs = async (ms: number): Promise<void> => {
  await sleep(ms)
  daemon.clock.advance(ms)
}
afterAll(() => daemon.stop())

test('the whole story through the SDK, with sessions that refresh themselves', async () => {
  const client = () => createClient({ baseUrl: daemon.url })
  const root = client()
  const [setup_token = ''] = readFileSync(join(daemon.dataDir, 'setup-token'), 'utf8').split('\n')
  await root.superadmins.bootstrap({ setup_token, name: 'Root', username: 'root', password: PASSWORD })

  await root.admins.create({ name: 'Asha', username: 'asha', password: PASSWORD })
  const admin = client()
  const { account } = await admin.admins.login({ username: 'asha', password: PASSWORD })
  const { account: chetan } = await admin.clients.create({
    name: 'C',
    username: 'chetan',
    password: PASSWORD,
  })
  const clientApp = client()
  await clientApp.clients.login({ username: 'chetan', password: PASSWORD })
  const { account: sita } = await clientApp.subclients.create({ name: 'S', number: '+919876500003' })
  expect(sita.path).toBe(`${account.id}/${chetan.id}/${sita.id}`)

  await waitMs(1200)
  expect((await admin.accounts.get(sita.id)).name).toBe('S')
  const below: string[] = []
  for await (const item of await admin.accounts.list({ limit: 1 })) below.push(item.id)
  expect(below).toEqual([chetan.id, sita.id])

  const feature: PlaceFeature = {
    type: 'Feature',
    id: 'p1',
    geometry: { type: 'Point', coordinates: [77.59, 12.97] },
    properties: { type: 'ev-charger', name: 'P1' },
  }
  expect(await admin.places.import({ type: 'FeatureCollection', features: [feature] })).toMatchObject({
    created: 1,
  })

  const user = client()
  await user.otp.send({ number: '+919876543210' })
  const signedIn = await user.users.login({
    number: '+919876543210',
    otp: await daemon.sms.codeFor('+919876543210'),
  })
  expect(signedIn.detail).toBe('Account created successfully')
  expect((await user.places.all()).places).toHaveLength(1)
  expect((await user.places.list({ near: '77.59,12.97' })).items[0]).toMatchObject({
    id: 'p1',
    distance_m: 0,
  })
  await user.refreshKeys.set({ new_key: 'my-refresh-key' })

  const held = await user.session.get()
  await user.session.set({ accessToken: held?.accessToken ?? '' })
  await waitMs(1200)
  await expect(user.auth.me()).rejects.toMatchObject({ code: 'invalid_token' })
  await user.tokens.regenerate({ refresh_key: 'my-refresh-key' })
  expect((await user.auth.me()).phone).toBe('+919876543210')
  expect((await user.sessions.list()).items).toHaveLength(2)
  expect(await user.sessions.revokeOthers()).toMatchObject({ revoked: 1 })

  await admin.accounts.disable(chetan.id)
  await expect(clientApp.auth.me()).rejects.toMatchObject({ status: 401 })
  await admin.accounts.enable(chetan.id)
  await user.auth.logout()
  await expect(user.auth.me()).rejects.toMatchObject({ code: 'not_signed_in' })
  expect((await root.system.info()).status).toBe('running')
  expect((await root.keys.jwks()).keys).toHaveLength(1)
})

test('sessions of a named client, and of bootstrap, refresh; the daemon knows who asked and under which id', async () => {
  const ids: string[] = []
  const shop = createClient({
    baseUrl: daemon.url,
    clientId: 'shop',
    onResponse: ({ requestId }) => ids.push(requestId),
  })
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
