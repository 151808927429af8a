import { approvalsFor } from '../../../policies/invariants/index.ts'
import { objectKey, type Plan } from '../../../policies/plan/index.ts'
import { Failure } from '../../domain/failure.ts'
import type { AccountId } from '../../domain/account.ts'
import type { Namespace } from '../../domain/policy-snapshot.ts'
import type { Lineage } from '../../domain/session.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { AccountStore } from '../../ports/stores/index.ts'
import { compareObjects, objectsOf } from './objects.ts'

/** That somebody else may apply a plan: signed by the server, so that it can be handed over. */
export interface Approval {
  readonly version: 1
  /** The signature of the plan. */
  readonly plan: string
  /** The account that approves it. */
  readonly actor: string
  readonly approved_at: string
  /** As long as the plan may be applied. */
  readonly expires_at: string
  readonly signature: string
}

const textOf = ({ plan, actor, approved_at, expires_at }: Omit<Approval, 'signature'>): string =>
  `approval\n${JSON.stringify([plan, actor, approved_at, expires_at])}`

/** Signs an approval by the key of this server for plans. */
export const signApproval = async (
  vault: Pick<Vault, 'planMac'>,
  approval: Omit<Approval, 'signature'>,
): Promise<Approval> => ({ ...approval, signature: await vault.planMac([textOf(approval)]) })

const refuse = (detail: string): never => {
  throw new Failure('plan_invalid', {
    detail,
    errors: [{ pointer: '/approval', code: 'plan_invalid', detail }],
  })
}

const isApproval = (sent: Readonly<Record<string, unknown>>): boolean =>
  ['plan', 'actor', 'approved_at', 'expires_at', 'signature'].every((name) => typeof sent[name] === 'string')

/**
 * The account that has approved a plan, as it is now: another one than the one that made the plan, and than
 * the one that applies it. Throws `plan_invalid`.
 */
export const requireApproval = async (
  sent: Readonly<Record<string, unknown>>,
  { plan, applierId, now }: { plan: Plan; applierId: string; now: number },
  { vault, accounts }: { vault: Pick<Vault, 'isPlanMac'>; accounts: Pick<AccountStore, 'getLineageOf'> },
): Promise<Lineage> => {
  const approval = sent as unknown as Approval
  if (!isApproval(sent) || !(await vault.isPlanMac(approval.signature, [textOf(approval)])))
    return refuse(
      'This server has not signed the approval as it is: it was changed, or is of another server.',
    )
  if (approval.plan !== plan.signature) return refuse('The approval is of another plan.')
  if (Date.parse(approval.expires_at) <= now) return refuse(`The approval expired at ${approval.expires_at}.`)
  if ([plan.actor, applierId].includes(approval.actor))
    return refuse('Another account approves a plan than those that make and apply it.')
  const lineage = await accounts.getLineageOf(approval.actor as AccountId)
  const account = lineage.at(-1)
  if (account === undefined || lineage.some(({ status }) => status !== 'active'))
    return refuse('The account that has approved the plan is gone, or disabled.')
  return { account, ancestors: lineage.slice(0, -1) }
}

/**
 * What is under two accounts in the state that is in force is changed with an approval only: also the rule
 * that says so, which the same change cannot take away. Throws `approval_required`, which names the objects.
 */
export const requireApproved = async (
  base: Namespace,
  next: Namespace,
  isApproved: boolean,
): Promise<void> => {
  const invariants = [...base.invariants.values()].map(({ invariant }) => invariant)
  if (isApproved || invariants.every(({ needsApproval }) => needsApproval === undefined)) return
  const all = { set: null, prune: true, adopt: new Set<string>() }
  const { changes } = await compareObjects(objectsOf(base), objectsOf(next), all)
  const errors = changes.flatMap((change) => {
    const key = objectKey(change)
    const [first] = approvalsFor(key, invariants)
    if (first === undefined) return []
    const detail = `${key} is changed by two accounts together, by the invariant ${first.invariant}.`
    return [{ pointer: key, code: 'approval_required', detail }]
  })
  if (errors.length === 0) return
  const detail = `${errors[0]?.detail ?? ''} Make a plan, let another account approve it, and apply it with the approval.`
  throw new Failure('approval_required', { detail, errors: errors.slice(0, 100) })
}
