import type { Account } from '../../domain/account.ts'
import { MAX_SESSION_POLICIES } from '../../domain/application.ts'
import { Failure, notFound } from '../../domain/failure.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Principal } from '../../domain/session.ts'
import { locatePolicy, visibleNamespaces } from '../policies/reach.ts'

/**
 * The full names of the policies that an application of this owner is narrowed to: managed ones, and those
 * of the namespaces above the owner and of its own, which the caller sees as well. A bare name is of the
 * caller's namespace. Throws `not_found`, `limit_reached`.
 */
export const sessionPolicyNames = (
  snapshot: PolicySnapshot,
  { principal, owner, names }: { principal: Principal; owner: Account; names: readonly string[] },
): string[] => {
  if (names.length > MAX_SESSION_POLICIES)
    throw new Failure('limit_reached', {
      detail: `An application is narrowed to at most ${MAX_SESSION_POLICIES} policies.`,
    })
  const visible = visibleNamespaces({ account: owner })
  const fullOf = (name: string): string => {
    const { full, namespace } = locatePolicy(principal, name)
    const isVisible = namespace === undefined || visible.includes(namespace)
    return isVisible && snapshot.find(full) !== undefined ? full : notFound()
  }
  return [...new Set(names.map(fullOf))]
}
