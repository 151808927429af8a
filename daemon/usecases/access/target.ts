import { roleOfId, type Account, type AccountId } from '../../domain/account.ts'
import type { Application, ApplicationId } from '../../domain/application.ts'
import { notFound } from '../../domain/failure.ts'
import type { Principal } from '../../domain/session.ts'
import { dominates, maySee } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'

/** What a request is about, and how the caller must stand to it. */
export type Relation = 'visible' | 'dominated' | 'application'

/** Whether the caller is the owner of an application, or above it. */
export const seesOwner = ({ account }: Principal, { ownerId, ownerPath }: Application): boolean => {
  const role = roleOfId(ownerId)
  return role !== undefined && maySee(account, { id: ownerId, role, path: ownerPath })
}

/**
 * The account that a request is about, if the caller sees it, or dominates it; or the application, if the
 * caller sees its owner. Anything else is `not_found`.
 */
export const createFindTarget =
  ({ store }: Pick<Deps, 'store'>) =>
  async (caller: Principal, id: string, relation: Relation): Promise<Account | Application> => {
    if (relation === 'application') {
      const application = await store.applications.get(id as ApplicationId)
      return application !== undefined && seesOwner(caller, application) ? application : notFound()
    }
    const found = await store.accounts.get(id as AccountId)
    const mayAct = relation === 'visible' ? maySee : dominates
    return found !== undefined && mayAct(caller.account, found) ? found : notFound()
  }
