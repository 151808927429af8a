import { expect, test, vi } from 'vitest'
import type { Account } from '../../daemon/domain/account.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { decide } from '../../policies/index.ts'
import { revision, storeOf } from '../support/kept-policies.ts'

const nothing = () => undefined
const errors: object[] = []
const log = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: (fields: object) => void errors.push(fields),
}

const DENY = { Version: 'authctl/1', Id: 'd', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }
const LISTED = { d: { hash: 'doc', updatedAt: 0 } }
const vault = { digest: (text: string) => `digest of ${text.length}` }
const HEAD = { namespace: 'root', revision: 'r1', number: 1 }
const somebody = {
  id: 'adm_1',
  role: 'admin',
  path: 'adm_1',
  attributes: {},
  policies: [],
  boundary: null,
  version: 1,
}

const isAllowed = (
  snapshot: Awaited<ReturnType<typeof followPolicies>>,
  account: object = somebody,
): boolean =>
  decide(snapshot.current().layersOf(account as unknown as Account), {
    action: 'places:List',
    resource: 'place/x',
    context: {},
  }).verdict === 'ALLOW'

test('G11: a head whose texts are missing, or do not compile, leaves what was in force; it is told once', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const heads = [HEAD]
  const texts: Record<string, unknown> = {
    r1: revision({ attachments: [{ to: { role: 'admin' }, policies: ['authctl:Admin'] }] }),
    r2: revision({ number: 2, policies: LISTED }),
    r3: revision({ number: 3, policies: LISTED, attachments: [{ to: { role: 'admin' }, policies: ['d'] }] }),
  }
  const followed = await followPolicies({ store: storeOf(heads, texts), vault, log })
  expect(isAllowed(followed)).toBe(true)
  const before = followed.current()
  for (const id of ['r2', 'r3']) {
    heads[0] = { ...HEAD, revision: id, number: 2 }
    texts['doc'] = id === 'r2' ? undefined : { ...DENY, Statement: [{ Effect: 'Deny', Action: '*' }] }
    if (id === 'r2') delete texts['doc']
    await followed.refresh({ atOnce: true })
    await followed.refresh({ atOnce: true })
    expect(isAllowed(followed)).toBe(true)
    expect(followed.current().namespaces.get('root')).toBe(before.namespaces.get('root'))
  }
  expect(errors).toHaveLength(2)
  texts['doc'] = DENY
  heads[0] = { ...HEAD, revision: 'r3', number: 3 }
  await followed.refresh({ atOnce: true })
  expect(isAllowed(followed)).toBe(false)
  await followed.stop()
  vi.useRealTimers()
})

test('G11: a daemon that cannot use what is in force does not start: without it more might be allowed', async () => {
  await expect(followPolicies({ store: storeOf([HEAD], {}), vault, log })).rejects.toThrow(
    'its revision is missing',
  )
  const texts = { r1: revision({ policies: LISTED }), doc: { ...DENY, Statement: [{ Effect: 'Deny' }] } }
  await expect(followPolicies({ store: storeOf([HEAD], texts), vault, log })).rejects.toThrow(
    'statement 0 lacks an element',
  )
})

test('G11: an attached name that is not there shuts the layer; so does a boundary', async () => {
  const followed = await followPolicies({ store: storeOf([], {}), vault, log })
  expect(isAllowed(followed)).toBe(true)
  expect(isAllowed(followed, { ...somebody, version: 2, policies: ['root/gone'] })).toBe(false)
  expect(isAllowed(followed, { ...somebody, version: 3, boundary: 'root/gone' })).toBe(false)
  await followed.stop()
})

test('what is made of one set is not asked of the next: another version, another layer', async () => {
  const followed = await followPolicies({ store: storeOf([], {}), vault, log })
  const snapshot = followed.current()
  const first = snapshot.layersOf(somebody as unknown as Account)
  expect(snapshot.layersOf(somebody as unknown as Account)).toBe(first)
  const changed = { ...somebody, version: 2, attributes: { tier: 'gold' } } as unknown as Account
  expect(snapshot.layersOf(changed)[0]?.principal).toMatchObject({ 'principal.attributes.tier': 'gold' })
  await followed.stop()
})
