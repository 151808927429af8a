import {
  type AccessDiff,
  createAccessComparison,
  diffStatements,
  inUseAmong,
  type ObjectChange,
  type ObjectDiff,
  objectKey,
  objectText,
  type Plan,
  type PlanOrder,
  type PolicyObject,
  type Reach,
  type Refusal,
} from '../../../policies/plan/index.ts'
import type { SetFile } from '../../../policies/set/index.ts'
import type { PolicyDocument } from '../../../policies/index.ts'
import type { Diagnostic } from '../../../policies/validate/index.ts'
import type { OwnedNamespace, RevisionMade } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Lineage, Principal } from '../../domain/session.ts'
import { MAX_KNOWN_USES, USE_MS } from '../access/uses.ts'
import { createBreather, inPieces, inTurns } from '../breather.ts'
import type { Deps } from '../deps.ts'
import { createExamineAccounts } from './affected.ts'
import type { Change, Editing, PreparedChange } from './change.ts'
import { checkChange, inUse, type PendingChange } from './guards.ts'
import { findHolder } from './holders.ts'
import { changeOf, compareObjects, objectsOf } from './objects.ts'
import { fingerprints, PLAN_LIFE_MS, signPlan } from './plan-evidence.ts'
import {
  refusalsOf,
  refuseConflicts,
  refuseExcess,
  refuseUnallowed,
  refuseUnapproved,
} from './plan-judgement.ts'

/** What is planned: who asks for what, and where. */
export interface Planning {
  readonly order: PlanOrder
  /** None for a rollback. */
  readonly files: readonly SetFile[]
  /** For a promotion: how the revision in the shadow was made. */
  readonly promotes?: RevisionMade
  /** What the plan that is applied has spared because it is used, as `kind/name`; undefined: no plan. */
  readonly spared?: ReadonlySet<string>
  readonly home: OwnedNamespace
  readonly principal: Principal
  readonly origin: RequestOrigin
  /** Who has approved the plan that is applied. */
  readonly approver?: Lineage
}

/** The objects that are wanted, beside those in force. */
export interface Wanted {
  readonly base: readonly PolicyObject[]
  readonly desired: readonly PolicyObject[]
  readonly diff: ObjectDiff
  readonly warnings: readonly Diagnostic[]
}

/** Where the objects that are wanted come from: files, or an older revision. */
export type Desire = (
  ...now: Parameters<Change<unknown>>
) => Promise<{ objects: readonly PolicyObject[]; warnings: readonly Diagnostic[] }>

const NO_ACCESS_CHANGES: AccessDiff = {
  gained: { rights: 0, accounts: 0 },
  lost: { rights: 0, accounts: 0 },
  changes: [],
  changes_total: 0,
  shut: { accounts: 0, sample: [] },
  examined: 0,
}

const timestamp = (ms: number): string => new Date(ms).toISOString()

/** The event of the audit, and what made the revision. */
export const editingOf = ({ order, home, principal, origin, approver, promotes }: Planning): Editing => {
  const { set, commit, dirty, rollback_to: rollbackTo } = order
  const event = rollbackTo === null ? 'apply' : 'rollback'
  const at = commit === null ? '' : ` at ${commit}${dirty ? ' and changes of no commit' : ''}`
  return {
    principal,
    namespace: home,
    origin,
    event: `policies-${promotes === undefined ? event : 'promote'}`,
    about: set === null ? `to ${rollbackTo ?? ''}` : `set ${set}${at}`,
    made: promotes ?? {
      event,
      set,
      commit,
      dirty,
      rollbackTo,
      ...(approver && { approvedBy: approver.account.id }),
    },
  }
}

/**
 * The one path of plans, applies and rollbacks: from what is wanted to a change, and to what is said of it.
 */
export const createPlanner = (deps: Pick<Deps, 'store' | 'vault' | 'clock' | 'uses'>) => {
  const { store, vault, clock, uses } = deps
  const examineAccounts = createExamineAccounts(deps)

  /**
   * Whether something was allowed lately by a policy of a namespace, on any daemon. Where one knows of more
   * than it could tell, each may have been.
   */
  const usedIn = async (namespace: string): Promise<(policy: string) => boolean> => {
    const now = clock.now()
    const told = [...(await store.daemons.list(now)).map((record) => record.uses), uses.latest()]
    if (told.some(({ length }) => length >= MAX_KNOWN_USES)) return () => true
    const lately = told.flat().filter(({ at }) => at > now - USE_MS)
    const names = new Set(lately.map(({ policy }) => policy))
    return (policy) => names.has(`${namespace}/${policy}`)
  }

  /**
   * What is pruned spares what is used, unless that is wanted too; what a plan has spared, it spares again.
   */
  const sparing = async ({ order, home, spared }: Planning): Promise<Reach['spare']> => {
    if (spared !== undefined) return (left) => new Set(left.filter((each) => spared.has(objectKey(each))))
    if (order.set === null || !order.prune || order.prune_used) return undefined
    const isUsed = await usedIn(home.name)
    return (left) => inUseAmong(left, isUsed)
  }

  /** The change of a namespace that makes it what is wanted. */
  const changing =
    (planning: Planning, desire: Desire): Change<Wanted> =>
    async (base, snapshot) => {
      const { order } = planning
      // What was sent is read and checked at once.
      await createBreather()()
      const { objects: desired, warnings } = await desire(base, snapshot)
      const present = objectsOf(base)
      const reach = {
        set: order.set,
        prune: order.set === null || order.prune,
        adopt: new Set(order.adopt),
        spare: await sparing(planning),
      }
      const diff = await compareObjects(present, desired, reach)
      const change = await changeOf({ base, diff, desired })
      return { ...change, result: { base: present, desired, diff, warnings } }
    }

  const describeChanges = ({ diff }: Wanted): Promise<ObjectChange[]> => {
    return inTurns(diff.changes, (change): ObjectChange => {
      const isDocument = change.kind === 'document'
      const statements = isDocument
        ? diffStatements(change.before as PolicyDocument | null, change.after as PolicyDocument | null)
        : []
      return { ...change, statements }
    })
  }

  const compareAccess = async (pending: PendingChange | undefined): Promise<AccessDiff> => {
    if (pending === undefined) return NO_ACCESS_CHANGES
    const comparison = createAccessComparison()
    await examineAccounts(pending, (account) => inPieces(comparison.steps(account)))
    return inPieces(comparison.resultSteps())
  }

  /** What is attached to an account by its name stays. Throws `policy_in_use`. */
  const requireDetached = async (home: OwnedNamespace, changes: ObjectDiff['changes']): Promise<void> => {
    const breathe = createBreather()
    for (const { kind, verb, name } of changes) {
      if (kind !== 'document' || verb !== 'delete') continue
      await breathe()
      const holder = await findHolder(store, `${home.name}/${name}`)
      if (holder !== undefined) throw inUse(`document/${name} is attached to ${holder}.`)
    }
  }

  const judge = async (
    { order, home, principal, origin, approver }: Planning,
    { base, before, pending, result }: PreparedChange<Wanted>,
    access: AccessDiff,
  ): Promise<Refusal[]> => {
    const moment = { ip: origin.ip, now: clock.now() }
    const checks =
      pending === undefined
        ? []
        : await refusalsOf(() =>
            checkChange(
              base,
              { ...pending, allowLockout: order.allow_lockout, ...(approver && { approver }) },
              store.accounts,
            ),
          )
    return [
      ...refuseConflicts(result.diff.conflicts),
      ...refuseUnallowed(result.diff.changes, { snapshot: before, principal, ...moment }),
      ...(approver === undefined
        ? []
        : refuseUnapproved(result.diff.changes, { snapshot: before, principal: approver, ...moment })),
      ...checks,
      ...(await refusalsOf(() => requireDetached(home, result.diff.changes))),
      ...refuseExcess(order.limits, { access, changes: result.diff.changes }),
    ]
  }

  const digestOf = async (objects: readonly PolicyObject[]): Promise<string> => {
    const lines = await inTurns(objects, (object) =>
      JSON.stringify([object.kind, object.name, object.origin?.set ?? null, objectText(object)]),
    )
    return vault.digest(lines.sort().join('\n'))
  }

  /** What the server would do, and what it says to that. */
  const describe = async (planning: Planning, prepared: PreparedChange<Wanted>): Promise<Plan> => {
    const { order, files, principal } = planning
    const { base, pending, result } = prepared
    const access = await compareAccess(pending)
    const now = clock.now()
    const plan = await signPlan(vault, {
      version: 1,
      order,
      files: await fingerprints(vault, files),
      base: { revision: base.id, number: base.revision.number },
      actor: principal.account.id,
      created_at: timestamp(now),
      expires_at: timestamp(now + PLAN_LIFE_MS),
      changes: await describeChanges(result),
      spared: result.diff.spared.map((each) => ({
        kind: each.kind,
        name: each.name,
        in_use: result.diff.inUse.has(each),
      })),
      access,
      warnings: result.warnings,
      conflicts: result.diff.conflicts,
      refusals: await judge(planning, prepared, access),
      digest: await digestOf(pending === undefined ? result.base : objectsOf(pending.next)),
    })
    // The answer is written at once.
    await createBreather()()
    return plan
  }

  return { changing, describe }
}
