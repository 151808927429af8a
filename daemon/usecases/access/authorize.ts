import {
  type CompiledStatement,
  type Context,
  decide,
  type Decision,
  type OwnedLayer,
} from '../../../policies/index.ts'
import { Failure } from '../../domain/failure.ts'
import { requestContext } from '../../domain/policy-facts.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Lineage, Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import { sealDecision } from './decision-id.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'
import { createRecordDecision } from './record.ts'

/** What a caller asks to do. */
export interface AuthorizationRequest {
  readonly principal: Principal
  readonly action: string
  /** Canonical `type/path`. */
  readonly resource: string
  readonly origin: RequestOrigin
}

/** What decided, for those who look after the service: the caller hears none of it. */
export const reasonOf = (
  { verdict, layer, statement }: Decision,
  { action, resource }: Pick<AuthorizationRequest, 'action' | 'resource'>,
): string => {
  const decidedBy =
    statement === undefined
      ? `no Allow in the ${layer?.kind ?? 'own'} layer of ${String(layer?.principal['principal.id'] ?? 'nobody')}`
      : `${statement.policy.name} statement ${statement.sid ?? statement.index}`
  return `${verdict} ${action} on ${resource}: ${decidedBy}`
}

/**
 * All layers of an account: its own, those that its token is narrowed to, and those of every account above
 * it.
 */
export const layersOf = (
  snapshot: PolicySnapshot,
  { account, ancestors, sessionPolicies = [] }: Lineage,
): OwnedLayer[] => [
  ...snapshot.layersOf(account),
  ...sessionPolicies.map((policies) => snapshot.sessionLayer(account, policies)),
  ...ancestors.toReversed().flatMap((each) => snapshot.layersOf(each)),
]

/**
 * An account may name a policy that another daemon has stored a moment ago: then this daemon looks before it
 * decides, since a name that it does not know shuts the account.
 */
export const catchUp = async (
  policies: Deps['policies'],
  { account, ancestors, sessionPolicies = [] }: Lineage,
): Promise<void> => {
  const unknown = (): string[] => [
    ...[account, ...ancestors].flatMap((each) => policies.current().unknownNames(each)),
    ...policies.current().unknownOf(sessionPolicies.flat()),
  ]
  if (unknown().length === 0) return
  if (await policies.refresh()) policies.current().setSought(unknown())
}

/**
 * Decides by the layers of the caller and of every ancestor, as they are now. It reads nothing: the accounts
 * came with the caller, the policies are at hand. A denial is counted, and recorded with its reason under the
 * id of the request and of the decision, which is all that the caller hears; an error while deciding denies.
 * Throws `forbidden`.
 */
export const createAuthorize = ({
  clock,
  audit,
  vault,
  policies,
  meter,
  recorder,
  uses,
  shadow,
}: Pick<Deps, 'clock' | 'audit' | 'vault' | 'policies' | 'meter' | 'recorder' | 'uses' | 'shadow'>): ((
  asked: AuthorizationRequest,
) => void) => {
  const recordDecision = createRecordDecision({ recorder, clock })
  const contextOf = ({ principal, origin }: AuthorizationRequest): Context =>
    requestContext(principal.account, { ip: origin.ip, now: clock.now() })

  const deny = (asked: AuthorizationRequest, reason: string, denied?: Decision, cause?: unknown): never => {
    const { principal, origin, action, resource } = asked
    const decisionId =
      denied &&
      sealDecision(vault, {
        accountId: principal.account.id,
        applicationId: principal.application?.id,
        action,
        resource,
        context: contextOf(asked),
        verdict: denied.verdict,
        sessionPolicies: principal.sessionPolicies,
      })
    const named = decisionId === undefined ? {} : { decisionId }
    meter.countDenials('requests', 1)
    audit.record({
      event: 'access-denied',
      outcome: 'failure',
      reason,
      ...named,
      ...actorFields(principal, origin),
    })
    throw new Failure('forbidden', { reason, cause, ...named })
  }
  return (asked) => {
    const { principal, action, resource } = asked
    let decision: Decision
    try {
      const snapshot = policies.current()
      const context = contextOf(asked)
      const allowing: CompiledStatement[] = []
      decision = decide(layersOf(snapshot, principal), { action, resource, context }, allowing)
      if (decision.verdict === 'ALLOW') uses.note(allowing)
      const { account, sessionPolicies } = principal
      const made = {
        account,
        sessionPolicies,
        action,
        resource,
        context,
        verdict: decision.verdict,
        snapshot,
      }
      recordDecision({ ...made, said: {} })
      shadow.compare(made, (other) => layersOf(other, principal))
    } catch (error) {
      return deny(asked, `error while deciding ${action}`, undefined, error)
    }
    if (decision.verdict !== 'ALLOW') deny(asked, reasonOf(decision, asked), decision)
  }
}

/** Asks the policies whether the caller may; throws `forbidden`. */
export type Authorize = ReturnType<typeof createAuthorize>
