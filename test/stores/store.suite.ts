import { describe, expect } from 'vitest'
import { aNamedAccount } from './samples.ts'
import { createStoreTest, kindOf, type StoreTest, type StoreUnderTest } from './store-test.ts'
import { describeAccountChanges } from './suites/account-changes.ts'
import { describeAccountLists } from './suites/account-lists.ts'
import { describeAccounts } from './suites/accounts.ts'
import { describeAgents } from './suites/agents.ts'
import { describeApplications } from './suites/applications.ts'
import { describeChanges } from './suites/changes.ts'
import { describeDaemons } from './suites/daemons.ts'
import { describeDevices } from './suites/devices.ts'
import { describeIdempotency } from './suites/idempotency.ts'
import { describeLeases } from './suites/leases.ts'
import { describeLimits } from './suites/limits.ts'
import { describeOtps } from './suites/otps.ts'
import { describePlaces } from './suites/places.ts'
import { describePolicies } from './suites/policies.ts'
import { describeRefreshKeys } from './suites/refresh-keys.ts'
import { describeSessions } from './suites/sessions.ts'
import { describeSignIns } from './suites/sign-ins.ts'
import { describeSigningKeys } from './suites/signing-keys.ts'
import { describeSpent } from './suites/spent.ts'

const SUITES: readonly ((test: StoreTest) => void)[] = [
  describeAccountChanges,
  describePolicies,
  describeAccounts,
  describeAccountLists,
  describeApplications,
  describeOtps,
  describeSessions,
  describeRefreshKeys,
  describeSignIns,
  describeLimits,
  describeIdempotency,
  describeLeases,
  describeSigningKeys,
  describePlaces,
  describeDaemons,
  describeDevices,
  describeSpent,
  describeAgents,
]

/**
 * The promises of the store port, held against an adapter. Every adapter runs these same suites, without
 * exception; those of changes are held against a MongoDB that tells of them, in `test/mongodb/`.
 */
export const describeStore = (
  name: string,
  create: () => Promise<StoreUnderTest>,
  { tellsOfChanges }: { readonly tellsOfChanges: boolean },
): void => {
  const test = createStoreTest(create)
  describe(`store contract: ${name}`, () => {
    for (const describeSuite of SUITES) describeSuite(test)
    if (tellsOfChanges) describeChanges(test)
    else
      test('a store that tells of no changes says so, and nothing that might be wrong', async ({ store }) => {
        expect(await kindOf(store.changes.read(undefined))).toBe('unavailable')
        expect(await kindOf(store.changes.settle())).toBe('unavailable')
      })

    test('what was acknowledged is there after closing and opening again', async ({ under }) => {
      const account = aNamedAccount('asha')
      const before = await under.open()
      await before.accounts.insert(account)
      await before.ping()
      await before.close()
      const after = await under.open()
      expect(await after.accounts.get(account.id)).toEqual(account)
      await after.close()
    })
  })
}
