import { describe, expect, test } from 'vitest'
import { namespaceOf as cliNamespaceOf } from '../../cli/connection/acting.ts'
import { KINDS, ROLES as CLI_ROLES } from '../../cli/kinds.ts'
import { AccountId, ROLES as CONTRACT_ROLES } from '../../daemon/contract/schemas/account.ts'
import { NAMESPACE } from '../../daemon/contract/schema.ts'
import { newAccount, ROLE_NAMES, roleOfId, ROLES } from '../../daemon/domain/account.ts'
import { namespaceOf } from '../../daemon/domain/policy-snapshot.ts'
import { MANAGED_POLICIES, ROLES as POLICY_ROLES } from '../../policies/index.ts'

const { pattern: ACCOUNT_ID = '^$' } = AccountId as { readonly pattern?: string }
const KEY = '0'.repeat(26)
const idOf = (role: (typeof ROLE_NAMES)[number]): string => `${ROLES[role].idPrefix}_${KEY}`

/** Layers that cannot import the domain have lists of their own: these tests hold them equal to its table. */
describe('the table of roles and the lists of other layers', () => {
  test.each([
    ['the contract', CONTRACT_ROLES],
    ['the language of policies', POLICY_ROLES],
    ['the command line', CLI_ROLES],
  ])('%s names the same roles, in the same order', (_, roles) => {
    expect([...roles]).toEqual([...ROLE_NAMES])
  })

  test('the table is ordered by rank, and a role is created under one of a higher rank', () => {
    const ranks = ROLE_NAMES.map((role) => ROLES[role].rank)
    expect(ranks).toEqual(ranks.toSorted((a, b) => b - a))
    for (const { parent, rank } of Object.values(ROLES))
      if (parent !== null) expect(ROLES[parent].rank).toBeGreaterThan(rank)
  })

  test.each(ROLE_NAMES)('the ids of a %s have the same form everywhere', (role) => {
    const { id } = newAccount({ role, rowKey: KEY, parent: null, now: 1 }, {})
    expect(id).toBe(idOf(role))
    expect(roleOfId(id)).toBe(role)
    expect(id).toMatch(new RegExp(ACCOUNT_ID))
    expect(KINDS.find((kind) => kind.role === role)?.idPrefix).toBe(ROLES[role].idPrefix)
  })

  test('the contract takes the ids of no other prefix', () => {
    const prefixes = ROLE_NAMES.map((role) => ROLES[role].idPrefix)
    expect(ACCOUNT_ID).toBe(`^(${prefixes.join('|')})_[0-9a-z]{26}$`)
  })

  test.each(ROLE_NAMES)('a %s defines policies in the same namespace everywhere', (role) => {
    const account = newAccount({ role, rowKey: KEY, parent: null, now: 1 }, {})
    const expected = namespaceOf(account)
    expect(cliNamespaceOf(account)).toBe(expected)
    expect(new RegExp(`^${NAMESPACE}$`).test(account.id)).toBe(expected === account.id)
  })

  test('every role has a managed policy that there is', () => {
    const managed = MANAGED_POLICIES.map(({ Id }) => `authctl:${Id}`)
    for (const { managedPolicy } of Object.values(ROLES)) expect(managed).toContain(managedPolicy)
  })
})
