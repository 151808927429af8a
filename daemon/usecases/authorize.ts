import { compilePolicy } from '../../policies/compile.ts'
import { decide, type OwnedLayer } from '../../policies/decide.ts'
import { createLayer, type Layer } from '../../policies/layer.ts'
import { MANAGED_POLICIES, ROLE_POLICIES } from '../../policies/managed.ts'
import type { Account } from '../domain/account.ts'
import { Failure } from '../domain/failure.ts'
import { principalFacts, requestContext } from '../domain/policy-facts.ts'
import type { Principal } from '../domain/session.ts'
import type { Clock } from '../ports/clock.ts'
import type { Origin } from './deps.ts'

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

/**
 * Decides by the layers of the caller and of every ancestor, as they are now (policy.md section 3). It reads nothing: the accounts came with the
 * caller. Throws `forbidden`.
 */
export const createAuthorize = ({ clock }: { clock: Clock }): ((attempt: Attempt) => void) => {
  const layers = managedLayers()
  const ownLayer = (account: Account): OwnedLayer => ({
    kind: 'own',
    principal: principalFacts(account),
    layer: layers.get(account.role) ?? createLayer([]),
  })
  return ({ principal: { account, ancestors }, action, resource, origin }) => {
    const context = requestContext(account, { ip: origin.ip, now: clock.now() })
    const onTheWay = [account, ...ancestors.toReversed()].map(ownLayer)
    const { verdict } = decide(onTheWay, { action, resource, context })
    if (verdict !== 'ALLOW') throw new Failure('forbidden', { reason: `${verdict} ${action}` })
  }
}

export type Authorize = ReturnType<typeof createAuthorize>
