import { expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { advanced, createReplica, loadFacts, loadSnapshot } from '../support/local-replica.ts'
import { allowing, ORDERS_SERVICE, put } from '../support/policy-calls.ts'
import type { PolicyChanges } from '../../sdk/types.gen.ts'

let api: Api
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))

const ok = async (answer: Promise<{ status: number; text: string }>): Promise<void> => {
  const { status, text } = await answer
  if (status >= 300) throw new Error(text)
}

test('a snapshot with facts decides as the daemon does, and a difference leads to the next one', async () => {
  const { root, admin, client, subClient } = family
  await ok(put(api, '/services/orders', { token: root.access, body: ORDERS_SERVICE }))
  await ok(put(api, '/policies/all', { token: root.access, body: allowing('all', 'orders:*') }))
  await ok(api.post(`/accounts/${admin.id}/policies/all`, {}, root.access))
  await ok(put(api, '/policies/readers', { token: admin.access, body: allowing('readers', 'orders:Read') }))
  const first = await loadSnapshot(api, client.access, '?services=orders')
  await ok(api.post(`/accounts/${client.id}/policies/readers`, {}, admin.access))
  const { accounts, missing } = await loadFacts(api, client.access, [subClient.id, client.id, admin.id])
  expect([accounts.map(({ id }) => id), missing]).toEqual([[client.id, subClient.id], [admin.id]])
  expect(
    createReplica(advanced(undefined, first), accounts)(client.id, {
      action: 'orders:Read',
      resource: 'order/1',
    }),
  ).toBe('ALLOW')
  await ok(put(api, '/policies/readers', { token: admin.access, body: allowing('readers', 'orders:*') }))
  const step = await loadSnapshot(api, client.access, `?services=orders&since=${first.revision}`)
  expect(step.since).toBe(first.revision)
  expect(Object.keys(step.policies)).toHaveLength(1)
  advanced(advanced(undefined, first), step)
})

test('changes are told', async () => {
  const { admin, client, subClient } = family
  const read = async (query = '') => {
    const { text, status } = await api.get(`/policies/changes${query}`, client.access)
    if (status !== 200) throw new Error(text)
    return JSON.parse(text) as PolicyChanges
  }
  const start = await read()
  const waiting = read(`?after=${start.position}&wait=20`)
  await ok(api.post(`/accounts/${subClient.id}/disable`, {}, admin.access))
  const told = await waiting
  expect(told.accounts).toEqual([subClient.id])
  expect(told.ended_accounts.map(({ id }) => id)).toEqual([subClient.id])
  await ok(api.post(`/accounts/${subClient.id}/enable`, {}, admin.access))
})
