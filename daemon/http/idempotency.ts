import { Failure } from '../domain/failure.ts'
import type { Clock } from '../ports/clock.ts'
import type { Vault } from '../ports/crypto.ts'
import type { IdempotencyStore } from '../ports/stores/index.ts'
import type { Reply } from './reply.ts'

const LEASE_MS = 60_000
const KEPT_MS = 24 * 3600 * 1000
const KEY = /^[\x21-\x7e]{1,255}$/

/** A call that is made once for each key of a caller. */
export interface IdempotentCall {
  /** The `Idempotency-Key` header; undefined: the call is simply made. */
  readonly key: string | undefined
  readonly callerId: string
  readonly operationId: string
  /** All that the request says, so that another request with the same key is told apart. */
  readonly content: unknown
}

/**
 * Makes a call once for each key of a caller: repeats within a day get the first success again, word for
 * word. Failures are not kept, so the call can be repeated. Replies hold tokens and are therefore sealed.
 */
export const createIdempotency = ({
  store,
  vault,
  clock,
}: {
  store: IdempotencyStore
  vault: Vault
  clock: Clock
}) => {
  const replay = (sealed: string, id: string): Reply => {
    const opened = vault.open(sealed, id)
    if (opened === undefined) throw new Failure('idempotency_mismatch')
    return JSON.parse(opened) as Reply
  }

  return async (call: IdempotentCall, make: () => Promise<Reply>): Promise<Reply> => {
    if (call.key === undefined) return make()
    if (!KEY.test(call.key)) {
      const errors = [
        { pointer: '/header/Idempotency-Key', code: 'pattern', detail: '1 to 255 visible ASCII characters.' },
      ]
      throw new Failure('invalid_request', { errors })
    }
    // Keyed: a plain digest of a body with a password would be a fast hash of that password (B1).
    const id = vault.sentMac('idempotency-key', call.callerId, call.operationId, call.key)
    const fingerprint = vault.sentMac('idempotency-content', JSON.stringify(call.content))
    const now = clock.now()
    const claim = await store.begin({
      key: id,
      fingerprint,
      now,
      leaseUntil: now + LEASE_MS,
      expiresAt: now + KEPT_MS,
    })
    if (claim.kind === 'mismatch') throw new Failure('idempotency_mismatch')
    if (claim.kind === 'in-progress') throw new Failure('idempotency_in_progress', { retryAfterSeconds: 1 })
    if (claim.kind === 'replay') return replay(claim.sealedReply, id)
    try {
      const reply = await make()
      await store.finish(id, fingerprint, vault.seal(JSON.stringify(reply), id))
      return reply
    } catch (error) {
      await store.abandon(id, fingerprint)
      throw error
    }
  }
}
