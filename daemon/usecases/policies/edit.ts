import type { Audit } from '../../ports/audit.ts'
import type { AccountStore } from '../../ports/stores/index.ts'
import { actorFields } from '../audit.ts'
import { retryStale } from '../store-failures.ts'
import type { Change, Edited, Editing, EditNamespace } from './change.ts'
import type { FollowedPolicies } from './follow.ts'
import { checkChange } from './guards.ts'
import { initialNamespace } from './namespaces.ts'
import { createRevisions, type RevisionParts } from './revisions.ts'

const MAX_ATTEMPTS = 50
const MAX_PAUSE_MS = 40

/**
 * Changes namespaces by new revisions and a compare-and-set of the head. A daemon has one: the changes of a
 * namespace, whatever they are of, wait for one another in it, so that only daemons compete.
 */
export const createEditNamespace = ({
  policies,
  audit,
  accounts,
  ...parts
}: RevisionParts & {
  readonly policies: FollowedPolicies
  readonly audit: Audit
  /** Whose layers a change may touch. */
  readonly accounts: Pick<AccountStore, 'list'>
}): EditNamespace => {
  const revisions = createRevisions(parts)

  const attempt = async <T>(
    { principal, namespace, origin, event, about }: Editing,
    change: Change<T>,
  ): Promise<Edited<T>> => {
    await policies.refresh({ atOnce: true })
    const before = policies.current()
    const base = before.namespaces.get(namespace.name) ?? initialNamespace(namespace)
    const { result, ...wanted } = change(base, before)
    const draft = revisions.draft(base, wanted, { place: namespace, actorId: principal.account.id })
    if (draft === undefined) return { result, snapshot: before, isChanged: false }
    const after = before.with(draft.namespace)
    const moment = { ip: origin.ip, now: parts.clock.now() }
    const pending = { next: draft.namespace, before, after, home: namespace, principal, ...moment }
    await checkChange(base, pending, accounts)
    await revisions.write(base, draft)
    await policies.refresh({ atOnce: true })
    audit.record({
      event,
      outcome: 'success',
      targetId: namespace.name,
      reason: `${about}: ${base.id ?? 'nothing'} to ${draft.namespace.id}`,
      ...actorFields(principal, origin),
    })
    return { result, snapshot: after, isChanged: true }
  }

  /** The last change of each namespace. */
  const turns = new Map<string, Promise<unknown>>()

  return <T>(editing: Editing, change: Change<T>): Promise<Edited<T>> => {
    const { name } = editing.namespace
    const retries = { times: MAX_ATTEMPTS, maxPauseMs: MAX_PAUSE_MS, what: `the policies of ${name}` }
    const turn = (turns.get(name) ?? Promise.resolve()).then(() =>
      retryStale(() => attempt(editing, change), retries),
    )
    const settled: Promise<unknown> = turn
      .catch(() => undefined)
      .then(() => (turns.get(name) === settled ? turns.delete(name) : false))
    turns.set(name, settled)
    return turn
  }
}
