import type { PublicKey } from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import { endOfKey, type Principal } from '../../domain/session.ts'

const SECOND = 1000

const outlives = (): never => {
  throw new Failure('forbidden', {
    detail: 'The key by which you ask ends, and no key that you give outlives it.',
    reason: 'outlives_key',
  })
}

/**
 * When a new service key ends: after `expiresIn` seconds; where nothing is said, with the key by which an
 * application asks, and otherwise never. Throws `forbidden` for one that would outlive that key, so that
 * nobody who has a key for a while goes on for longer by giving himself another.
 */
export const keyEnd = (
  principal: Principal,
  { expiresIn, now }: { expiresIn: number | undefined; now: number },
): number | null => {
  const latest = endOfKey(principal)
  if (expiresIn === undefined) return latest
  const wanted = now + expiresIn * SECOND
  return latest !== null && wanted > latest ? outlives() : wanted
}

/** The same rule for public keys, which do not end: those that are there already stay, and none is added. */
export const requireNoneOutlives = (
  principal: Principal,
  { before, after }: { before: readonly PublicKey[]; after: readonly PublicKey[] },
): void => {
  const isNew = ({ id }: PublicKey): boolean => !before.some((each) => each.id === id)
  if (endOfKey(principal) !== null && after.some(isNew)) outlives()
}
