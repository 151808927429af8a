import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFamily, type Family } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { allowing, check, ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'

/* A lowered account lowers every account below it, at the next request and on every daemon (G8). */

let daemon: TestDaemon
let here: Api
let there: Api
let family: Family

/** Within a second, as every daemon promises; asked often, so that a slow machine does not decide. */
const eventually = async (condition: () => Promise<boolean>): Promise<number> => {
  const start = performance.now()
  while (!(await condition())) {
    if (performance.now() - start > 5000) throw new Error('it did not come to pass')
    await sleep(10)
  }
  return performance.now() - start
}

const mayRead = async (api: Api, token: string): Promise<boolean> =>
  (await check(api, token, 'orders:Read', 'order/1')) === 'ALLOW'

beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  here = daemon.api
  there = (await daemon.another()).api
  family = await createFamily(daemon)
  const { root, admin, client, subClient } = family
  await put(here, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
  await put(here, '/policies/orders', { token: root.access, body: allowing('orders', 'orders:*') })
  await put(here, '/policies/nothing', {
    token: root.access,
    body: policyOf('nothing', { Effect: 'Deny', Action: '*', Resource: '*' }),
  })
  for (const { id } of [admin, client, subClient])
    expect((await here.post(`/accounts/${id}/policies/orders`, {}, root.access)).status).toBe(200)
  await eventually(() => mayRead(there, subClient.access))
})
afterAll(() => daemon.stop())

describe('G8: a right that is taken away', () => {
  test('from the client by detaching: its sub-client has lost it with the next request on every daemon', async () => {
    const { root, client, subClient } = family
    const path = `/accounts/${client.id}/policies/orders`
    for (let round = 0; round < 20; round++) {
      expect((await (round % 2 === 0 ? here : there).del(path, root.access)).status).toBe(200)
      expect(await Promise.all([here, there].map((api) => mayRead(api, subClient.access)))).toEqual([
        false,
        false,
      ])
      expect((await here.post(path, {}, root.access)).status).toBe(200)
      expect(await Promise.all([here, there].map((api) => mayRead(api, subClient.access)))).toEqual([
        true,
        true,
      ])
    }
  })

  test('by a policy that is replaced: at once on this daemon, within a second on the others', async () => {
    const { root, subClient } = family
    for (let round = 0; round < 3; round++) {
      const lowered = await put(here, '/policies/orders', {
        token: root.access,
        body: allowing('orders', 'orders:Write'),
      })
      expect(lowered.status).toBe(200)
      expect(await mayRead(here, subClient.access)).toBe(false)
      await eventually(async () => !(await mayRead(there, subClient.access)))
      const raised = await put(there, '/policies/orders', {
        token: root.access,
        body: allowing('orders', 'orders:*'),
      })
      expect(raised.status).toBe(200)
      expect(await mayRead(there, subClient.access)).toBe(true)
      await eventually(() => mayRead(here, subClient.access))
    }
  })

  test('from the daemon’s own routes too: a narrowed client’s sub-client is refused', async () => {
    const { root, client, subClient } = family
    const bound = (policy: string | null) =>
      there.call('PUT', `/accounts/${client.id}/boundary`, { token: root.access, body: { policy } })
    expect((await here.get('/auth/me', subClient.access)).status).toBe(200)
    expect((await bound('nothing')).status).toBe(200)
    for (const api of [here, there]) expect((await api.get('/auth/me', subClient.access)).status).toBe(403)
    expect((await bound(null)).status).toBe(200)
    for (const api of [here, there]) expect((await api.get('/auth/me', subClient.access)).status).toBe(200)
  })

  test(
    'G8: of 1,000 uses beside 50 demotions none that began after the acknowledgement was served',
    { timeout: 60_000 },
    async () => {
      const { root, client, subClient } = family
      const bound = (policy: string | null) =>
        here.call('PUT', `/accounts/${client.id}/boundary`, { token: root.access, body: { policy } })
      let late = 0
      let servedBefore = 0
      for (let round = 0; round < 50; round++) {
        let demotedAt = Infinity
        const uses = Array.from({ length: 20 }, async (_v, n) => {
          await sleep(n % 7)
          const begun = performance.now()
          const { status } = await (n % 2 === 0 ? here : there).get('/mapdirectory/places', subClient.access)
          expect([200, 403]).toContain(status)
          if (begun > demotedAt) late += status === 200 ? 1 : 0
          else servedBefore += status === 200 ? 1 : 0
        })
        const demotion = bound('nothing').then(({ status }) => {
          demotedAt = performance.now()
          expect(status).toBe(200)
        })
        await Promise.all([...uses, demotion])
        await bound(null)
      }
      expect(late).toBe(0)
      expect(servedBefore).toBeGreaterThan(0)
    },
  )
})

describe('what a daemon does with policies that are not what it expects', () => {
  test('a policy that is deleted while it is attached: one of both fails, and nobody is shut by a name that is nowhere', async () => {
    const { root, client } = family
    for (let round = 0; round < 20; round++) {
      await put(here, '/policies/passing', { token: root.access, body: allowing('passing', 'orders:Read') })
      await eventually(async () => (await there.get('/policies/passing', root.access)).status === 200)
      const path = `/accounts/${client.id}/policies/passing`
      const [attached, removed] = await Promise.all([
        there.post(path, {}, root.access),
        here.del('/policies/passing', root.access),
      ])
      expect([200, 404]).toContain(attached.status)
      expect([200, 409]).toContain(removed.status)
      expect(attached.status === 200 && removed.status === 200).toBe(false)
      const { body } = await here.get(`/accounts/${client.id}`, root.access)
      expect((body['policies'] as unknown as string[]).includes('root/passing')).toBe(attached.status === 200)
      for (const api of [here, there]) expect((await api.get('/auth/me', client.access)).status).toBe(200)
      if (attached.status === 200) expect((await here.del(path, root.access)).status).toBe(200)
      await eventually(async () =>
        [200, 404].includes((await here.del('/policies/passing', root.access)).status),
      )
    }
  })
})
