import { createBreather } from '../breather.ts'
import type { Deps } from '../deps.ts'
import { inUse } from './guards.ts'
import { findHolder } from './holders.ts'
import { editingOf, type Planning, type Wanted } from './plan.ts'

/**
 * What was attached to an account while a plan deleted it is put back, so that nobody is shut by a name that
 * is nowhere. Throws `policy_in_use` then.
 */
export const keepAttached = async (
  { store, edit }: Pick<Deps, 'store' | 'edit'>,
  planning: Planning,
  { diff, base }: Wanted,
): Promise<void> => {
  const { home } = planning
  const breathe = createBreather()
  for (const { kind, verb, name } of diff.changes) {
    if (kind !== 'document' || verb !== 'delete') continue
    await breathe()
    const holder = await findHolder(store, `${home.name}/${name}`)
    const deleted = base.find((object) => object.kind === 'document' && object.name === name)
    if (holder === undefined || deleted?.kind !== 'document') continue
    const { value, origin, statements_at: writtenAt } = deleted
    const { made: _made, ...editing } = editingOf(planning)
    const restoring = { ...editing, event: 'policy-put', about: `${home.name}/${name}` }
    const restored = { value, origin, ...(writtenAt && { writtenAt }) }
    // As it was is what nobody has to judge, nor to approve.
    await edit(
      restoring,
      () => ({ policies: { [name]: restored }, result: undefined }),
      () => undefined,
    )
    throw inUse(`document/${name} was attached to ${holder} meanwhile, and stays. All else is applied.`)
  }
}
