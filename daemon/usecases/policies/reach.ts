import { Failure, notFound } from '../../domain/failure.ts'
import type { AccountId, KnownAccount } from '../../domain/account.ts'
import {
  fullName,
  namespaceOf,
  namespacesAbove,
  ROOT,
  splitName,
  type OwnedNamespace,
} from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { dominates } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'

const owned = (account: KnownAccount): OwnedNamespace => ({
  name: account.id,
  above: namespacesAbove(account),
  ownerPath: account.path,
})
const OF_ROOT: OwnedNamespace = { name: ROOT, above: [], ownerPath: '' }

type Caller = Pick<Principal, 'account'>

/** The namespaces whose policies an account sees: those above it, and its own. */
export const visibleNamespaces = ({ account }: Caller): string[] => [
  ...new Set([...namespacesAbove(account), namespaceOf(account) ?? ROOT]),
]

/** Whether an account may change the policies of a namespace that it sees: those above it, it only reads. */
export const mayChange = ({ account }: Caller, namespace: string): boolean =>
  namespaceOf(account) === namespace || !namespacesAbove(account).includes(namespace)

/**
 * Which namespaces a caller may see and change: its own and those of accounts that it dominates; those above
 * it, it sees. Every other one answers like one that does not exist.
 */
export const createNamespaceAccess = ({ store }: Pick<Deps, 'store'>) => {
  const below = async ({ account: caller }: Caller, id: string): Promise<OwnedNamespace> => {
    const owner = await store.accounts.get(id as AccountId)
    const isOwner = owner !== undefined && namespaceOf(owner) === owner.id
    return isOwner && dominates(caller, owner) ? owned(owner) : notFound()
  }

  /**
   * The namespace that the caller may change; its own, if none is named. Throws `not_found`, and `forbidden`
   * for what it only sees.
   */
  const writable = async (principal: Caller, named: string | undefined): Promise<OwnedNamespace> => {
    const { account } = principal
    const own = namespaceOf(account)
    if ((named ?? own) === undefined)
      throw new Failure('forbidden', { detail: `A ${account.role} defines no policies.` })
    if (named === undefined || named === own) return own === ROOT ? OF_ROOT : owned(account)
    if (namespacesAbove(account).includes(named))
      throw new Failure('forbidden', { detail: 'The policies of accounts above are read only.' })
    return below(principal, named)
  }

  /** Throws `not_found` for a namespace that the caller does not see. */
  const requireReadable = async (principal: Caller, named: string): Promise<void> => {
    if (!visibleNamespaces(principal).includes(named)) await below(principal, named)
  }

  return { writable, requireReadable }
}

/**
 * A name as the caller means it: a bare one is of its own namespace. `namespace` is undefined for managed
 * policies.
 */
export const locatePolicy = (
  { account }: Principal,
  name: string,
): { full: string; namespace: string | undefined; id: string } => {
  const full = fullName(name, namespaceOf(account))
  const { namespace, name: id } = splitName(full)
  return { full, namespace, id }
}
