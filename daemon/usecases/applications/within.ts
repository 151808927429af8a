import { createBudget } from '../../../policies/index.ts'
import { ROLES, type Account } from '../../domain/account.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import { namespacesAbove, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { isNarrowed, type Principal } from '../../domain/session.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'
import { sessionPolicyNames } from './session-policies.ts'
import { layersOf } from '../access/authorize.ts'
import { refuse } from '../access/ceiling.ts'
import { hasEverything, type Moment } from '../access/judge.ts'
import { verdictOn } from '../access/verdict.ts'

interface Giving {
  readonly principal: Principal
  readonly owner: Account
}

const isAskedAgain = ({ principal, owner }: Giving): boolean =>
  lineageIds(owner.path).includes(principal.account.id)

/**
 * Whether the ceiling compares anything: not for one whose layers are asked at each request of the
 * application, nor for one who may do everything.
 */
export const isJudged = (snapshot: PolicySnapshot, giving: Giving): boolean =>
  !(isAskedAgain(giving) && !isNarrowed(giving.principal)) && !hasEverything(snapshot, giving.principal)

/**
 * The ceiling for one application: nobody makes one, or gets its key, that may do what they may not. The
 * layers of an account on the path of its owner are asked at each of its requests; those that the caller is
 * narrowed to are not, and neither are those of a super-admin. Throws `exceeds_ceiling`, `limit_reached`.
 */
export const requireGivable = async (
  snapshot: PolicySnapshot,
  { policies, ...giving }: Giving & { readonly policies: readonly string[] | null },
  moment: Moment,
): Promise<void> => {
  if (!isJudged(snapshot, giving)) return
  const { principal, owner } = giving
  const { account, sessionPolicies = [] } = principal
  const verdict = await verdictOn(
    {
      caller: requestContext(owner, moment),
      before: [],
      after: policies === null ? snapshot.layersOf(owner) : [snapshot.sessionLayer(owner, policies)],
      granter: isAskedAgain(giving)
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

/**
 * A policy may have been deleted, or widened, while an application came to name it or a key was given: then
 * that is undone. `names` are those that were named now, `layer` is what the application is narrowed to. What
 * changes policies looks for those who name them afterwards too, so that one of both finds the other.
 */
export const createStillGivable =
  ({ policies, clock }: Pick<Deps, 'policies' | 'clock'>) =>
  async (
    { principal, origin }: { readonly principal: Principal; readonly origin: RequestOrigin },
    given: {
      readonly owner: Account
      readonly names: readonly string[] | null
      readonly layer: readonly string[] | null
    },
    undo: () => Promise<unknown>,
  ): Promise<void> => {
    const { owner, names, layer } = given
    const isNaming = names !== null && names.length > 0
    if (!isNaming && !isJudged(policies.current(), { principal, owner })) return
    await policies.refresh({ atOnce: true })
    const snapshot = policies.current()
    try {
      if (isNaming) sessionPolicyNames(snapshot, { principal, owner, names })
      const moment = { ip: origin.ip, now: clock.now() }
      await requireGivable(snapshot, { principal, owner, policies: layer }, moment)
    } catch (error) {
      await undo()
      throw error
    }
  }
