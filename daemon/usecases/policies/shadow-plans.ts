import { Failure } from '../../domain/failure.ts'
import type { AccountId } from '../../domain/account.ts'
import { ROOT, type OwnedNamespace } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { orFail } from '../store-failures.ts'
import { findRevision, readObjects, type StoredRevision } from './history.ts'
import type { PlanOrder } from '../../../policies/plan/index.ts'
import { requireValidToday } from './past.ts'
import type { Desire, Planning } from './plan.ts'
import type { Draft } from './revisions.ts'
import { NO_SHADOW, shadowName } from './shadows.ts'

/** Who changes the shadow of which namespace. */
interface Changing {
  readonly principal: Principal
  readonly origin: RequestOrigin
  readonly home: OwnedNamespace
}

/** A promotion: what is planned, what is wanted, and the revision that must be in force. */
export interface Promotion {
  readonly planning: Planning
  readonly desire: Desire
  readonly base: { readonly revision: string | null }
}

const noShadow = (namespace: string): never => {
  throw new Failure('not_found', {
    detail: `Nothing stands in the shadow of ${namespace}: nothing was applied there with \`shadow\`, or it was made for other policies than those in force.`,
  })
}

/** Puts revisions into the shadow of a namespace, takes them out, and makes them what is wanted. */
export const createShadowPlans = ({
  store,
  policies,
  clock,
  audit,
}: Pick<Deps, 'store' | 'policies' | 'clock' | 'audit'>) => {
  const move = async (
    { principal, origin, home }: Changing,
    to: { revision: string; number: number; texts: Draft['texts'] },
  ): Promise<void> => {
    const name = shadowName(home.name)
    const from = (await store.policies.heads()).find(({ namespace }) => namespace === name)
    const moving = store.policies.moveHead({
      head: { namespace: name, revision: to.revision, number: to.number },
      from: from?.revision ?? null,
      texts: to.texts,
      owner: home.name === ROOT ? null : (home.name as AccountId),
      now: clock.now(),
    })
    if (!(await orFail(moving, { not_found: 'not_found' })))
      throw new Failure('plan_stale', { detail: 'Somebody else has changed the shadow meanwhile.' })
    await policies.refresh({ atOnce: true })
    audit.record({
      event: 'policies-shadow',
      outcome: 'success',
      targetId: home.name,
      reason: `${from?.revision ?? NO_SHADOW} to ${to.revision}`,
      ...actorFields(principal, origin),
    })
  }

  /** Puts what was prepared and judged into the shadow: nobody decides by it. Throws `plan_stale`. */
  const place = (changing: Changing, { namespace: next, texts }: Draft): Promise<void> =>
    move(changing, { revision: next.id ?? NO_SHADOW, number: next.revision.number, texts })

  /** Takes out what stands in the shadow; nothing is there: that is so. */
  const drop = (changing: Changing): Promise<void> =>
    move(changing, { revision: NO_SHADOW, number: 0, texts: [] })

  const shadowOf = async ({ name }: OwnedNamespace): Promise<StoredRevision> => {
    await policies.refresh({ atOnce: true })
    const { id } = policies.current().shadows.get(name) ?? noShadow(name)
    return findRevision(store.policies, id, id)
  }

  /** What stands in the shadow, as something to apply. Throws `not_found`. */
  const promotionOf = async (
    changing: Changing,
    asked: Pick<PlanOrder, 'allow_lockout' | 'limits'>,
  ): Promise<Promotion> => {
    const { home } = changing
    const { id, revision } = await shadowOf(home)
    const planning: Planning = {
      ...changing,
      order: {
        namespace: home.name,
        set: null,
        rollback_to: id,
        directory: '.',
        commit: revision.made?.commit ?? null,
        dirty: revision.made?.dirty ?? false,
        prune: true,
        prune_used: true,
        adopt: [],
        ...asked,
      },
      files: [],
      ...(revision.made && { promotes: revision.made }),
    }
    const desire: Desire = async (_base, snapshot) => {
      const objects = await readObjects(store.policies, revision)
      await requireValidToday(objects, { snapshot, home })
      return { objects, warnings: [] }
    }
    return { planning, desire, base: { revision: revision.parent } }
  }

  return { place, drop, promotionOf }
}
