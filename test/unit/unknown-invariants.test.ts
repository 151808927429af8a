import { expect, test } from 'vitest'
import type { Account } from '../../daemon/domain/account.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { requireInvariantsFor } from '../../daemon/usecases/policies/invariant-guards.ts'
import { revision, storeOf } from '../support/kept-policies.ts'

const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
const accounts = { list: () => Promise.resolve([]), get: () => Promise.resolve(undefined) }
const account = {
  id: 'adm_1',
  role: 'admin',
  path: 'adm_1',
  parentId: null,
  usernameKey: null,
  attributes: {},
  policies: [],
  boundary: null,
  version: 1,
} as unknown as Account

/** What is asked of an account that changes, where the root has this invariant. */
const changeUnder = async (invariant: object): Promise<void> => {
  const texts = {
    r1: revision({ invariants: { i: { hash: 'text', updatedAt: 0 } } }),
    text: { invariant: 'i', ...invariant },
  }
  const store = storeOf([{ namespace: 'root', revision: 'r1', number: 1 }], texts)
  const policies = await followPolicies({ store, vault: { digest: (text) => text }, log })
  const snapshot = policies.current()
  await policies.stop()
  await requireInvariantsFor({ snapshot, account, isNew: false, now: 0 }, accounts)
}

const RULE = { Action: 'authctl:ReadUser', Resource: '*' }

test.each([
  ['a kind', { neverTogether: RULE }],
  ['a part of a rule', { neverGrants: { ...RULE, Unless: 'x' } }],
  ['a part of a selector', { neverGrants: { ...RULE, to: { role: 'admin', group: 'x' } } }],
  ['an operator', { neverGrants: { ...RULE, Condition: { StringSounds: { 'request.ip': 'x' } } } }],
  ['a part of an approval', { needsApproval: { objects: '*', times: 3 } }],
])(
  'nothing is changed under an invariant of a newer authctl with %s that is unknown',
  async (_what, unknown) => {
    await expect(changeUnder(unknown)).rejects.toMatchObject({
      code: 'invariant_broken',
      errors: [{ pointer: 'invariant/i', code: 'unknown' }],
    })
  },
)

test('under one that is known it is', async () => {
  await changeUnder({ description: 'x', needsApproval: { objects: '*' } })
  await changeUnder({ neverGrants: { ...RULE, to: { role: 'client' } } })
})
