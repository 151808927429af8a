import { createBudget } from '../../../policies/index.ts'
import { ROLES, type Account } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { isNarrowed, type Principal } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import { layersOf } from '../access/authorize.ts'
import { refuse } from '../access/ceiling.ts'
import { hasEverything, type Moment } from '../access/judge.ts'
import { verdictOn } from '../access/verdict.ts'

/**
 * The ceiling for one application: nobody makes one, or gets its key, that may do what they may not. The
 * layers of an account on the path of its owner are asked at each of its requests; those that the caller is
 * narrowed to are not, and neither are those of a super-admin. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireGivable = async (
  snapshot: PolicySnapshot,
  {
    principal,
    owner,
    policies,
  }: { principal: Principal; owner: Account; policies: readonly string[] | null },
  moment: Moment,
): Promise<void> => {
  const isAskedAgain = lineageIds(owner.path).includes(principal.account.id)
  if (isAskedAgain && !isNarrowed(principal)) return
  if (hasEverything(snapshot, principal)) return
  const { account, sessionPolicies = [] } = principal
  const verdict = await verdictOn(
    {
      caller: requestContext(owner, moment),
      before: [],
      after: policies === null ? snapshot.layersOf(owner) : [snapshot.sessionLayer(owner, policies)],
      granter: isAskedAgain
        ? sessionPolicies.map((names) => snapshot.sessionLayer(account, names))
        : layersOf(snapshot, principal),
    },
    owner,
    {
      catalogue: snapshot.catalogueFor(namespacesAbove(owner)),
      isCapped: false,
      isAbove: ROLES[owner.role].namespace === 'own',
      spend: createBudget(),
    },
  )
  if (verdict !== undefined) refuse(verdict)
}
