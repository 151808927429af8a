import { objectKey, type Plan, type PlanOrder } from '../../../policies/plan/index.ts'
import type { SetFile } from '../../../policies/set/index.ts'
import { Failure } from '../../domain/failure.ts'
import type { Namespace } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Lineage, Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'
import { requireApproval } from './approvals.ts'
import type { Judge, PreparedChange } from './change.ts'
import { desiredObjects, warningsOf } from './desired.ts'
import { findRevision, readObjects } from './history.ts'
import { keepAttached } from './keep-attached.ts'
import { initialNamespace } from './namespaces.ts'
import { requireValidToday } from './past.ts'
import { createPlanner, editingOf, type Desire, type Planning, type Wanted } from './plan.ts'
import { requireEvidence } from './plan-evidence.ts'
import { toFailure } from './plan-judgement.ts'
import { createNamespaceAccess } from './reach.ts'
import { createShadowPlans } from './shadow-plans.ts'
import { refuseStale } from './stale-plans.ts'
import { createPolicyStates, createReplay, type Replayed, type ReplayedQuestion } from './replay.ts'

/** Who asks, and from where. */
interface Asking {
  readonly principal: Principal
  readonly origin: RequestOrigin
}

/** A set as it was sent. `namespace` undefined: the caller's own. */
export interface SetRequest extends Asking {
  readonly order: Omit<PlanOrder, 'namespace' | 'rollback_to'> & { readonly namespace: string | undefined }
  readonly files: readonly SetFile[]
}

/** A way back. */
export interface RollbackRequest extends Asking {
  readonly namespace: string | undefined
  /** Its id, or its number. */
  readonly revision: string
  readonly isDryRun: boolean
  /** The revision that must be in force; undefined: any. */
  readonly base: string | null | undefined
  readonly allowLockout: boolean
  readonly limits: PlanOrder['limits']
}

/** What came of an apply. */
export interface Applied {
  readonly isApplied: boolean
  /** The revision that is in force now. */
  readonly revision: { readonly id: string | null; readonly number: number }
  readonly plan: Plan
}

const stateOf = ({ id, revision }: Namespace): Applied['revision'] => ({ id, number: revision.number })

/** Plans, applies and rolls back: the same path, which ends in a plan or in a revision. */
export const createPlans = (
  deps: Pick<Deps, 'store' | 'vault' | 'clock' | 'policies' | 'edit' | 'prepare' | 'uses' | 'audit'>,
) => {
  const { store, vault, clock, policies, edit, prepare } = deps
  const { writable } = createNamespaceAccess(deps)
  const planner = createPlanner(deps)
  const replayIn = createReplay(deps)
  const shadows = createShadowPlans(deps)

  const planningOf = async ({ order, files, principal, origin }: SetRequest): Promise<Planning> => {
    const home = await writable(principal, order.namespace)
    return {
      order: { ...order, namespace: home.name, rollback_to: null },
      files,
      home,
      principal,
      origin,
    }
  }

  /** Warnings are for who looks at a plan: an apply is not held up by them. */
  const fromFiles =
    ({ order, files, home, principal }: Planning, { isWarned }: { isWarned: boolean }): Desire =>
    async (base, snapshot) => {
      const sent = { order, files, home, actorId: principal.account.id }
      const { objects, set } = await desiredObjects(base, snapshot, sent)
      return { objects, warnings: isWarned ? await warningsOf(set, clock.now()) : [] }
    }

  const fromRevision =
    ({ order, home }: Planning): Desire =>
    async (base, snapshot) => {
      const { revision } = await findRevision(store.policies, base.id, order.rollback_to ?? '')
      const objects = await readObjects(store.policies, revision)
      await requireValidToday(objects, { snapshot, home })
      return { objects, warnings: [] }
    }

  const dryRun = async (planning: Planning, desire: Desire): Promise<Plan> =>
    planner.describe(planning, await prepare(editingOf(planning), planner.changing(planning, desire)))

  /**
   * The plan of what was prepared; refuses by throwing. `planned`: the plan that was shown, or its base; what
   * is not there is not compared.
   */
  const judged = async (
    planning: Planning,
    prepared: PreparedChange<Wanted>,
    planned: { readonly revision: string | null } | undefined,
  ): Promise<Plan> => {
    const made = await planner.describe(planning, prepared)
    const { pending, base } = prepared
    const expected = planned?.revision
    if (pending !== undefined && expected !== undefined && base.id !== expected)
      await refuseStale(store.policies, { home: planning.home, planned: expected, base })
    const [refusal] = made.refusals
    if (refusal !== undefined) throw toFailure(refusal)
    return made
  }

  /** The same path as an apply, into the shadow of what is in force. */
  const shading = async (
    planning: Planning,
    desire: Desire,
    planned: { readonly revision: string | null } | undefined,
  ): Promise<Applied> => {
    const prepared = await prepare(editingOf(planning), planner.changing(planning, desire))
    const plan = await judged(planning, prepared, planned)
    const { draft, base } = prepared
    if (draft === undefined) return { isApplied: false, revision: stateOf(base), plan }
    await shadows.place(planning, draft)
    return { isApplied: true, revision: stateOf(draft.namespace), plan }
  }

  const applying = async (
    planning: Planning,
    desire: Desire,
    planned: { readonly revision: string | null } | undefined,
  ): Promise<Applied> => {
    let made: Plan | undefined
    const judge: Judge<Wanted> = async (prepared) => {
      made = await judged(planning, prepared, planned)
    }
    const change = planner.changing(planning, desire)
    const { isChanged, snapshot, result } = await edit(editingOf(planning), change, judge)
    if (made === undefined) throw new Error('an apply was not judged')
    if (isChanged) await keepAttached(deps, planning, result)
    const { id = null, revision } = snapshot.namespaces.get(planning.home.name) ?? {}
    return { isApplied: isChanged, revision: { id, number: revision?.number ?? 0 }, plan: made }
  }

  /** What the server would do with the set. Throws `policy_invalid` with every diagnostic. */
  const plan = async (request: SetRequest): Promise<Plan> => {
    const planning = await planningOf(request)
    return dryRun(planning, fromFiles(planning, { isWarned: true }))
  }

  const statesOf = createPolicyStates(deps, (planning) =>
    planner.changing(planning, fromFiles(planning, { isWarned: false })),
  )

  /** Which recorded questions would be answered otherwise with the set. Throws as {@link plan} does. */
  const replay = async (
    request: SetRequest & { readonly questions: readonly ReplayedQuestion[] },
  ): Promise<Replayed> => replayIn(request, await statesOf(await planningOf(request)), request.questions)

  /** Who has approved the plan, and may change the namespace still. Throws `plan_invalid`, `not_found`. */
  const approverOf = async (
    approval: Readonly<Record<string, unknown>>,
    evidence: Plan | undefined,
    { principal, home }: Planning,
  ): Promise<Lineage> => {
    if (evidence === undefined)
      throw new Failure('plan_invalid', { detail: 'An approval goes with the plan that was approved.' })
    const applied = { plan: evidence, applierId: principal.account.id, now: clock.now() }
    const approver = await requireApproval(approval, applied, { vault, accounts: store.accounts })
    await writable(approver, home.name)
    return approver
  }

  /**
   * Applies a set, or a plan of it, in one step. Throws what the plan names as refusals, `plan_invalid` and
   * `plan_stale`.
   */
  const apply = async (
    request: SetRequest & {
      plan: Readonly<Record<string, unknown>> | undefined
      approval: Readonly<Record<string, unknown>> | undefined
      /** Beside what is in force, to be compared with it. */
      isShadow: boolean
    },
  ): Promise<Applied> => {
    const planning = await planningOf(request)
    const { order, files } = planning
    const now = clock.now()
    const evidence = request.plan && (await requireEvidence(vault, request.plan, { order, files, now }))
    const approver = request.approval && (await approverOf(request.approval, evidence, planning))
    const usedThen = evidence?.spared.filter(({ in_use: isUsed }) => isUsed)
    const bound = {
      ...planning,
      ...(usedThen && { spared: new Set(usedThen.map(objectKey)) }),
      ...(approver && { approver }),
    }
    const carryOut = request.isShadow ? shading : applying
    return carryOut(bound, fromFiles(planning, { isWarned: false }), evidence?.base)
  }

  /** Brings an older revision back, or plans that. Throws as {@link apply} does, and `not_found`. */
  const rollback = async (request: RollbackRequest): Promise<Applied> => {
    const { principal, origin, isDryRun, base } = request
    const home = await writable(principal, request.namespace)
    await policies.refresh({ atOnce: true })
    const { id = null, revision } = policies.current().namespaces.get(home.name) ?? {}
    const target = await findRevision(store.policies, id, request.revision)
    const planning: Planning = {
      order: {
        namespace: home.name,
        set: null,
        rollback_to: target.id,
        directory: '.',
        commit: null,
        dirty: false,
        prune: true,
        prune_used: true,
        adopt: [],
        allow_lockout: request.allowLockout,
        limits: request.limits,
      },
      files: [],
      home,
      principal,
      origin,
    }
    if (!isDryRun)
      return applying(planning, fromRevision(planning), base === undefined ? undefined : { revision: base })
    return {
      isApplied: false,
      revision: { id, number: revision?.number ?? 0 },
      plan: await dryRun(planning, fromRevision(planning)),
    }
  }

  /** Makes what stands in the shadow what is in force, or plans that. Throws as {@link apply} does. */
  const promote = async (request: Omit<RollbackRequest, 'revision' | 'base'>): Promise<Applied> => {
    const { principal, origin, isDryRun, allowLockout, limits } = request
    const home = await writable(principal, request.namespace)
    const changing = { principal, origin, home }
    const asked = { allow_lockout: allowLockout, limits }
    const { planning, desire, base } = await shadows.promotionOf(changing, asked)
    if (!isDryRun) return applying(planning, desire, base)
    const present = policies.current().namespaces.get(home.name) ?? initialNamespace(home)
    return { isApplied: false, revision: stateOf(present), plan: await dryRun(planning, desire) }
  }

  /** Takes out what stands in the shadow. Throws `not_found`, `forbidden`. */
  const dropShadow = async ({ principal, origin }: Asking, namespace: string | undefined): Promise<void> =>
    shadows.drop({ principal, origin, home: await writable(principal, namespace) })

  return { plan, replay, apply, promote, dropShadow, rollback }
}
