import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { signApproval, type Approval } from './approvals.ts'
import { requireSigned } from './plan-evidence.ts'
import { refuseUnallowed, toFailure } from './plan-judgement.ts'
import { createNamespaceAccess } from './reach.ts'

/** Approves plans of others, for changes that two accounts make together. */
export const createApprove = (deps: Pick<Deps, 'store' | 'vault' | 'clock' | 'policies' | 'audit'>) => {
  const { vault, clock, policies, audit } = deps
  const { writable } = createNamespaceAccess(deps)

  /**
   * Signs that the caller, who might make each of its changes, wants the plan of another account to be
   * applied. Whether it still may, and within its ceiling, is asked again then. Throws `plan_invalid`,
   * `plan_stale`, `not_found` and `forbidden`.
   */
  return async (request: {
    principal: Principal
    origin: RequestOrigin
    plan: Readonly<Record<string, unknown>>
  }): Promise<Approval> => {
    const { principal, origin } = request
    const now = clock.now()
    const plan = await requireSigned(vault, request.plan, now)
    const home = await writable(principal, plan.order.namespace)
    const { id } = principal.account
    if (plan.actor === id)
      throw new Failure('forbidden', {
        detail: 'You have made this plan yourself: another account approves it.',
        reason: 'self_approval',
      })
    await policies.refresh({ atOnce: true })
    const snapshot = policies.current()
    if ((snapshot.namespaces.get(home.name)?.id ?? null) !== plan.base.revision)
      throw new Failure('plan_stale', {
        detail: `The policies of ${home.name} have changed since the plan was made. Make a new one.`,
      })
    const [refusal] = refuseUnallowed(plan.changes, { snapshot, principal, ip: origin.ip, now })
    if (refusal !== undefined) throw toFailure(refusal)
    const { signature, expires_at } = plan
    const approved_at = new Date(now).toISOString()
    const approving = { version: 1, plan: signature, actor: id, approved_at, expires_at } as const
    const approval = await signApproval(vault, approving)
    audit.record({
      event: 'policies-approve',
      outcome: 'success',
      targetId: home.name,
      reason: `a plan of ${plan.actor}: ${plan.base.revision ?? 'nothing'} and ${plan.changes.length} changes`,
      ...actorFields(principal, origin),
    })
    return approval
  }
}
