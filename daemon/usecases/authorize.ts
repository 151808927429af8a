import { compilePolicy } from '../../policies/compile.ts'
import { decide, type Decision, type OwnedLayer } from '../../policies/decide.ts'
import { createLayer, type Layer } from '../../policies/layer.ts'
import { MANAGED_POLICIES, ROLE_POLICIES } from '../../policies/managed.ts'
import type { Account } from '../domain/account.ts'
import { Failure } from '../domain/failure.ts'
import { principalFacts, requestContext } from '../domain/policy-facts.ts'
import type { Principal } from '../domain/session.ts'
import { by } from './audit-subject.ts'
import type { Deps, Origin } from './deps.ts'

/** The layer of each role: its managed policy. */
const managedLayers = (): ReadonlyMap<string, Layer> => {
  const policies = new Map(
    MANAGED_POLICIES.map((document) => {
      const name = `authctl:${document.Id}`
      return [name, compilePolicy(document, { name, hash: name })]
    }),
  )
  return new Map(
    Object.entries(ROLE_POLICIES).map(([role, name]) => {
      const policy = policies.get(name)
      return [role, createLayer(policy === undefined ? [] : [policy])]
    }),
  )
}

/** What a caller asks to do. */
export interface Attempt {
  readonly principal: Principal
  readonly action: string
  /** Canonical `type/path`. */
  readonly resource: string
  readonly origin: Origin
}

/** What decided, for those who look after the service: the caller hears none of it. */
const reasonOf = ({ verdict, layer, statement }: Decision, { action, resource }: Attempt): string => {
  const decidedBy =
    statement === undefined
      ? `no Allow in the layer of ${String(layer?.principal['principal.id'] ?? 'nobody')}`
      : `${statement.policy.name} statement ${statement.sid ?? statement.index}`
  return `${verdict} ${action} on ${resource}: ${decidedBy}`
}

/**
 * Decides by the layers of the caller and of every ancestor, as they are now (policy.md section 3). It reads nothing: the accounts came with the
 * caller. A denial is recorded with its reason under the id of the request, which is all that the caller hears; an error while deciding denies.
 * Throws `forbidden`.
 */
export const createAuthorize = ({
  clock,
  audit,
}: Pick<Deps, 'clock' | 'audit'>): ((attempt: Attempt) => void) => {
  const layers = managedLayers()
  const ownLayer = (account: Account): OwnedLayer => ({
    kind: 'own',
    principal: principalFacts(account),
    layer: layers.get(account.role) ?? createLayer([]),
  })
  const ask = ({ principal: { account, ancestors }, action, resource, origin }: Attempt): Decision => {
    const context = requestContext(account, { ip: origin.ip, now: clock.now() })
    const onTheWay = [account, ...ancestors.toReversed()].map(ownLayer)
    return decide(onTheWay, { action, resource, context })
  }
  const deny = ({ principal, origin }: Attempt, reason: string, cause?: unknown): never => {
    audit.record({ event: 'access-denied', outcome: 'failure', reason, ...by(principal, origin) })
    throw new Failure('forbidden', { reason, cause })
  }
  return (attempt) => {
    let decision: Decision
    try {
      decision = ask(attempt)
    } catch (error) {
      return deny(attempt, `error while deciding ${attempt.action}`, error)
    }
    if (decision.verdict !== 'ALLOW') deny(attempt, reasonOf(decision, attempt))
  }
}

export type Authorize = ReturnType<typeof createAuthorize>
