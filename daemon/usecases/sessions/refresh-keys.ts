import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { SignedIn } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'

/** After so many wrong keys the refresh key is locked until the next full sign-in. */
export const MAX_REFRESH_KEY_TRIES = 5

/** The refusal of a refresh key that did not open anything. */
export const refuseKey = (outcome: 'wrong' | 'absent' | 'locked'): never => {
  throw new Failure(outcome === 'locked' ? 'refresh_key_locked' : 'invalid_refresh_key', { reason: outcome })
}

/** Refresh keys, by which a session is continued without SMS. */
export const createRefreshKeys = (deps: Pick<Deps, 'store' | 'vault' | 'clock' | 'audit'>) => {
  const { store, vault, clock, audit } = deps
  /** Sets or changes the caller's refresh key. */
  const set = async (request: {
    principal: SignedIn
    newKey: string
    oldKey?: string | undefined
    origin: RequestOrigin
  }): Promise<void> => {
    const { account } = request.principal
    const outcome = await store.refreshKeys.set({
      accountId: account.id,
      epoch: account.epoch,
      mac: vault.refreshKeyMac(account.id, request.newKey),
      oldMac: request.oldKey === undefined ? null : vault.refreshKeyMac(account.id, request.oldKey),
      maxTries: MAX_REFRESH_KEY_TRIES,
      now: clock.now(),
    })
    audit.record({
      event: 'refresh-key-set',
      outcome: outcome === 'ok' ? 'success' : 'failure',
      reason: outcome,
      ...actorFields(request.principal, request.origin),
    })
    if (outcome === 'absent') throw new Failure('old_key_required')
    if (outcome !== 'ok') refuseKey(outcome)
  }

  return { set }
}
