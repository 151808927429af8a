import type { Account } from '../../domain/account.ts'
import type { AccountChanges } from '../../ports/stores/index.ts'
import type { Deps } from '../deps.ts'
import { takeBack } from '../store-failures.ts'

/**
 * Takes back what was just written of an account; `fieldsOf` says what its fields are then, so that what
 * somebody else has changed since stays. Throws as `takeBack` does.
 */
export const createTakeBackFields =
  ({ store, clock }: Pick<Deps, 'store' | 'clock'>) =>
  (written: Account, fieldsOf: (present: Account) => AccountChanges): Promise<void> =>
    takeBack({
      written,
      read: () => store.accounts.get(written.id),
      write: (present) => {
        const { id, version } = present
        return store.accounts.update({ id, version, fields: fieldsOf(present), now: clock.now() })
      },
      what: `the account ${written.id}`,
    })
