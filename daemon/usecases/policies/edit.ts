import type { Namespace, OwnedNamespace, PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Audit } from '../../ports/audit.ts'
import type { ApplicationStore } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import { retryStale } from '../store-failures.ts'
import type {
  Change,
  Edited,
  Judge,
  Editing,
  EditNamespace,
  PreparedChange,
  PrepareChange,
} from './change.ts'
import type { FollowedPolicies } from './follow.ts'
import { checkChange, requireWithinCeiling, type PendingChange } from './guards.ts'
import { type ReadAccounts, requireInvariants } from './invariant-guards.ts'
import { requireUnnamed } from './named-policies.ts'
import { initialNamespace } from './namespaces.ts'
import { createRevisions, type RevisionParts } from './revisions.ts'
import { undoing } from './undo.ts'

const MAX_ATTEMPTS = 50
const MAX_PAUSE_MS = 40

/** Where changes of namespaces are made: `policies` as this daemon follows them. */
export type EditParts = RevisionParts & { readonly policies: FollowedPolicies }

/** Whether the namespaces above and below one say the same in both states. */
const areRelatedSame = (
  { name, above }: OwnedNamespace,
  one: PolicySnapshot,
  other: PolicySnapshot,
): boolean => {
  const related = new Set(above)
  for (const { namespaces } of [one, other])
    for (const { revision } of namespaces.values())
      if (revision.above.includes(name)) related.add(revision.namespace)
  return [...related].every((each) => one.namespaces.get(each)?.id === other.namespaces.get(each)?.id)
}

/** Prepares changes and writes nothing: what would be in force, for the judge. */
export const createPrepareChange = ({ policies, ...parts }: EditParts): PrepareChange => {
  const revisions = createRevisions(parts)
  return async <T>(
    { principal, namespace, origin, made }: Editing,
    change: Change<T>,
  ): Promise<PreparedChange<T>> => {
    await policies.refresh({ atOnce: true })
    const before = policies.current()
    const base = before.namespaces.get(namespace.name) ?? initialNamespace(namespace)
    const { result, ...wanted } = await change(base, before)
    const draft = await revisions.draft(base, wanted, {
      place: namespace,
      actorId: principal.account.id,
      made,
    })
    if (draft === undefined) return { result, base, before, draft, pending: undefined }
    const pending = {
      home: namespace,
      next: draft.namespace,
      before,
      after: before.with(draft.namespace),
      principal,
      ip: origin.ip,
      now: parts.clock.now(),
    }
    return { result, base, before, draft, pending }
  }
}

/**
 * Changes namespaces by new revisions and a compare-and-set of the head. A daemon has one: the changes of a
 * namespace, whatever they are of, wait for one another in it, so that only daemons compete.
 */
export const createEditNamespace = ({
  audit,
  accounts,
  applications,
  ...parts
}: EditParts & {
  readonly audit: Audit
  /** Whose layers a change may touch. */
  readonly accounts: ReadAccounts
  /** Which a change may narrow less. */
  readonly applications: Pick<ApplicationStore, 'findNaming'>
}): EditNamespace => {
  const { policies } = parts
  const revisions = createRevisions(parts)
  const prepare = createPrepareChange(parts)

  /** A single change is judged by what it makes; none, by nothing. */
  const judgeEdit: Judge<unknown> = async ({ base, pending }) => {
    if (pending !== undefined) await checkChange(base, pending, accounts)
  }

  /** Somebody was attached to what the change raises, or named it, meanwhile: then it is taken back. */
  const takeBack = (
    { principal, namespace }: Editing,
    change: { base: Namespace; next: Namespace },
  ): Promise<void> =>
    retryStale(
      async () => {
        await policies.refresh({ atOnce: true })
        const current = policies.current().namespaces.get(namespace.name) ?? initialNamespace(namespace)
        const writer = { place: namespace, actorId: principal.account.id }
        const draft = await revisions.draft(current, undoing({ ...change, current }), writer)
        if (draft !== undefined) await revisions.write(current, draft)
        await policies.refresh({ atOnce: true })
      },
      { times: MAX_ATTEMPTS, maxPauseMs: MAX_PAUSE_MS, what: `the policies of ${namespace.name}` },
    )

  /**
   * The namespaces above and below moved while the change was judged and written: it is judged by what they
   * say now, as if it came after them. Each of two such changes asks so once it is written, so that one at
   * least sees the other.
   */
  const requireBesideOthers = async <T>(
    prepared: PreparedChange<T> & { readonly pending: PendingChange },
    change: Change<T>,
    judge: Judge<T>,
  ): Promise<void> => {
    const { base, pending } = prepared
    const after = policies.current()
    if (areRelatedSame(pending.home, prepared.before, after)) return
    const before = after.with(base)
    await change(base, before)
    await judge({ ...prepared, before, pending: { ...pending, before, after } })
  }

  const attempt = async <T>(editing: Editing, change: Change<T>, judge: Judge<T>): Promise<Edited<T>> => {
    const { principal, namespace, origin, event, about } = editing
    const prepared = await prepare(editing, change)
    const { result, base, before, draft, pending } = prepared
    await judge(prepared)
    if (pending === undefined) return { result, snapshot: before, isChanged: false }
    await requireUnnamed(base, pending, applications)
    await revisions.write(base, draft)
    await policies.refresh({ atOnce: true })
    try {
      await requireBesideOthers({ ...prepared, pending }, change, judge)
      await requireUnnamed(base, pending, applications)
      await requireWithinCeiling(base, pending, accounts)
      await requireInvariants({ ...pending, after: policies.current() }, accounts)
    } catch (error) {
      await takeBack(editing, { base, next: draft.namespace })
      throw error
    }
    audit.record({
      event,
      outcome: 'success',
      targetId: namespace.name,
      reason: `${about}: ${base.id ?? 'nothing'} to ${draft.namespace.id}`,
      ...actorFields(principal, origin),
    })
    return { result, snapshot: pending.after, isChanged: true }
  }

  /** The last change of each namespace. */
  const turns = new Map<string, Promise<unknown>>()

  return <T>(editing: Editing, change: Change<T>, judge: Judge<T> = judgeEdit): Promise<Edited<T>> => {
    const { name } = editing.namespace
    const retries = { times: MAX_ATTEMPTS, maxPauseMs: MAX_PAUSE_MS, what: `the policies of ${name}` }
    const turn = (turns.get(name) ?? Promise.resolve()).then(() =>
      retryStale(() => attempt(editing, change, judge), retries),
    )
    const settled: Promise<unknown> = turn
      .catch(() => undefined)
      .then(() => (turns.get(name) === settled ? turns.delete(name) : false))
    turns.set(name, settled)
    return turn
  }
}
