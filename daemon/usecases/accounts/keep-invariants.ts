import type { Account } from '../../domain/account.ts'
import { requireInvariantsFor } from '../policies/invariant-guards.ts'
import type { Deps } from '../deps.ts'

/** A change of one account. */
export interface AccountWriting {
  /** The account as it would be. */
  readonly account: Account
  /** Whether it does not exist yet. */
  readonly isNew: boolean
  readonly write: () => Promise<Account>
  /** Takes back what was written. */
  readonly undo: (written: Account) => Promise<unknown>
}

/**
 * Writes a change of an account after which every invariant above it holds. Asked again once it is written:
 * what somebody else has changed meanwhile, of policies or of the accounts above and below, may not go
 * together with it, and then it is taken back. Throws `invariant_broken`.
 */
export const createKeepInvariants = ({
  store,
  policies,
  clock,
}: Pick<Deps, 'store' | 'policies' | 'clock'>) => {
  const require = (account: Account, isNew: boolean): Promise<void> =>
    requireInvariantsFor({ snapshot: policies.current(), account, isNew, now: clock.now() }, store.accounts)

  return async ({ account, isNew, write, undo }: AccountWriting): Promise<Account> => {
    await require(account, isNew)
    const written = await write()
    await policies.refresh({ atOnce: true })
    try {
      await require(written, isNew)
    } catch (error) {
      await undo(written)
      throw error
    }
    return written
  }
}
