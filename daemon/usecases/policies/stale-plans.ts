import { objectKey } from '../../../policies/plan/index.ts'
import { Failure, type FieldError } from '../../domain/failure.ts'
import type { Namespace, OwnedNamespace } from '../../domain/policy-snapshot.ts'
import type { PolicyStore } from '../../ports/stores/index.ts'
import { findRevision, readObjects } from './history.ts'
import { initialNamespace } from './namespaces.ts'
import { compareObjects, objectsOf } from './objects.ts'

/** A plan that comes too late. */
interface Late {
  readonly home: OwnedNamespace
  /** The revision for which it was made; null: before the first change. */
  readonly planned: string | null
  /** What is in force. */
  readonly base: Namespace
}

const MAX_NAMED = 100

/** What others have changed since a revision, as the caller is told. */
const changedSince = async (store: PolicyStore, { home, planned, base }: Late): Promise<FieldError[]> => {
  const stored = planned === null ? undefined : await findRevision(store, base.id, planned)
  const before =
    stored === undefined ? objectsOf(initialNamespace(home)) : await readObjects(store, stored.revision)
  const reach = { set: null, prune: true, adopt: new Set<string>() }
  const { changes } = await compareObjects(before, objectsOf(base), reach)
  return changes.map((change) => ({
    pointer: objectKey(change),
    code: `${change.verb}d`,
    detail: `${objectKey(change)} was ${change.verb}d meanwhile, in a revision up to ${base.revision.number}.`,
  }))
}

/** What is in force is not what a plan was made for. Throws `plan_stale`, which names what has changed. */
export const refuseStale = async (store: PolicyStore, late: Late): Promise<never> => {
  // A revision that is not kept any more leaves nothing to compare with.
  const changed = await changedSince(store, late).catch((error: unknown): FieldError[] => {
    if (error instanceof Failure && error.code === 'not_found') return []
    throw error
  })
  const errors = changed.slice(0, MAX_NAMED)
  const { home, base } = late
  throw new Failure('plan_stale', {
    detail: `The policies of ${home.name} have changed since: revision ${base.revision.number} is in force. Make a new plan.`,
    ...(errors.length > 0 && { errors }),
  })
}
