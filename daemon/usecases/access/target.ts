import type { Account, AccountId } from '../../domain/account.ts'
import { notFound } from '../../domain/failure.ts'
import type { Principal } from '../../domain/session.ts'
import { dominates, maySee } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'

/**
 * The account that a request is about, if the caller sees it, or dominates it; anything else is `not_found`.
 */
export const createFindTarget =
  ({ store }: Pick<Deps, 'store'>) =>
  async ({ account: caller }: Principal, id: string, relation: 'visible' | 'dominated'): Promise<Account> => {
    const found = await store.accounts.get(id as AccountId)
    const mayAct = relation === 'visible' ? maySee : dominates
    return found !== undefined && mayAct(caller, found) ? found : notFound()
  }
