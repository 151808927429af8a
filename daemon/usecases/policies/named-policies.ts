import { Failure } from '../../domain/failure.ts'
import { isNarrowed } from '../../domain/session.ts'
import type { Namespace } from '../../domain/policy-snapshot.ts'
import type { ApplicationStore } from '../../ports/stores/index.ts'
import { changedNames, type PendingChange } from './guards.ts'

/**
 * A caller that is narrowed to some policies of its account changes none that narrow an application, be it
 * itself: by a wider text it would give what it lacks, and no layer of an account tells of it. Throws
 * `exceeds_ceiling`.
 */
export const requireUnnamed = async (
  base: Namespace,
  { home, next, principal }: PendingChange,
  { findNaming }: Pick<ApplicationStore, 'findNaming'>,
): Promise<void> => {
  if (!isNarrowed(principal)) return
  for (const name of changedNames(base.revision.policies, next.revision.policies)) {
    const full = `${home.name}/${name}`
    const holder = await findNaming(full)
    if (holder === undefined) continue
    const detail = `${full} narrows ${holder}: an application that is narrowed itself may not change it.`
    throw new Failure('exceeds_ceiling', { detail, errors: [{ pointer: '', code: 'lacking_right', detail }] })
  }
}
