import { endOfKey, type Application, type PublicKey } from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import type { Principal } from '../../domain/session.ts'
import type { Deps } from '../deps.ts'

const SECOND = 1000

const outlives = (): never => {
  throw new Failure('forbidden', {
    detail: 'The key by which you ask ends, and no key that you give outlives it.',
    reason: 'outlives_key',
  })
}

/**
 * When the key ends by which a caller asks; null: it asks by none, or by one that does not end. Asked about
 * itself, an application is looked at as it is when it is changed: it may have changed since it was let in.
 */
const latestEnd = (
  { application, ...principal }: Principal,
  target: Application | undefined,
): number | null => {
  if (application === null || !('keyId' in principal)) return null
  return endOfKey(application.id === target?.id ? target : application, principal.keyId)
}

/** The key by which a caller asks may be gone by now: then it gives none. */
const requireNotGone = (latest: number | null, now: number): void => {
  if (latest !== null && latest <= now) outlives()
}

/**
 * When a new service key ends: after `expiresIn` seconds; where nothing is said, with the key by which an
 * application asks, and otherwise never. Throws `forbidden` for one that would outlive that key, so that
 * nobody who has a key for a while goes on for longer by giving himself another. `target` is the application
 * that gets the key, in the state in which it is changed; undefined: it is new.
 */
export const keyEnd = (
  principal: Principal,
  { target, expiresIn, now }: { target?: Application; expiresIn: number | undefined; now: number },
): number | null => {
  const latest = latestEnd(principal, target)
  requireNotGone(latest, now)
  if (expiresIn === undefined) return latest
  const wanted = now + expiresIn * SECOND
  return latest !== null && wanted > latest ? outlives() : wanted
}

/** Whether there are public keys that the application did not have before; undefined: it is new. */
export const bringsKeys = (target: Application | undefined, after: readonly PublicKey[]): boolean =>
  after.some(({ id }) => target?.publicKeys.some((each) => each.id === id) !== true)

/** The same rule for public keys, which do not end: those that are there already stay, and none is added. */
export const requireNoneOutlives = (
  principal: Principal,
  { target, after }: { target?: Application; after: readonly PublicKey[] },
): void => {
  if (latestEnd(principal, target) !== null && bringsKeys(target, after)) outlives()
}

/**
 * The same rule once more, after a key was given that ends at `end`: the key by which an application asks may
 * have come to end since the application was let in, and then `undo` takes the new one back. A key of its own
 * was given by a write under the condition that it had not changed, and is not looked at again.
 */
export const createStillNoneOutlives =
  ({ store }: Pick<Deps, 'store'>) =>
  async (
    principal: Principal,
    { target, end }: { target: Application; end: number | null },
    undo: () => Promise<unknown>,
  ): Promise<void> => {
    if (principal.application === null || principal.application.id === target.id) return
    const asking = await store.applications.get(principal.application.id)
    const latest = asking === undefined ? 0 : endOfKey(asking, principal.keyId)
    if (latest === null || (end !== null && end <= latest)) return
    await undo()
    outlives()
  }
