import type { IdempotencyOutcome, IdempotencyStore } from '../../ports/stores/index.ts'
import type { Collections, IdempotencyDoc } from './collections.ts'
import { insertedFirst, settling, type Connection } from './connection.ts'

type Claim = Parameters<IdempotencyStore['begin']>[0]

/** What a claim finds in the way; undefined when it may take the key over. */
const obstacleTo = (claim: Claim, found: IdempotencyDoc): IdempotencyOutcome | undefined => {
  if (found.expiresAt <= claim.now) return undefined
  if (found.fingerprint !== claim.fingerprint) return { kind: 'mismatch' }
  if (found.sealedReply !== null) return { kind: 'replay', sealedReply: found.sealedReply }
  return found.leaseUntil > claim.now ? { kind: 'in-progress' } : undefined
}

/** The store of idempotency keys on MongoDB. */
export const createIdempotencyStore = (
  connection: Connection,
  { idempotency }: Collections,
): IdempotencyStore => {
  const begin = (claim: Claim): Promise<IdempotencyOutcome> => {
    const { key, fingerprint, leaseUntil, expiresAt } = claim
    const claimed = { _id: key, fingerprint, leaseUntil, expiresAt, sealedReply: null }
    return settling(async (): Promise<IdempotencyOutcome | undefined> => {
      if (await insertedFirst(() => idempotency.insertOne(claimed))) return { kind: 'started' }
      const found = await idempotency.findOne({ _id: key })
      if (found === null) return undefined
      const obstacle = obstacleTo(claim, found)
      if (obstacle !== undefined) return obstacle
      const { _id, fingerprint: theirs, leaseUntil: lease, expiresAt: expiry, sealedReply } = found
      const same = { _id, fingerprint: theirs, leaseUntil: lease, expiresAt: expiry, sealedReply }
      const { matchedCount } = await idempotency.replaceOne(same, claimed)
      return matchedCount === 1 ? { kind: 'started' } : undefined
    })
  }

  return {
    begin: (claim) => connection.run(() => begin(claim)),
    finish: (key, fingerprint, sealedReply) =>
      connection.run(async () => {
        await idempotency.updateOne({ _id: key, fingerprint, sealedReply: null }, { $set: { sealedReply } })
      }),
    abandon: (key, fingerprint) =>
      connection.run(
        async () => void (await idempotency.deleteOne({ _id: key, fingerprint, sealedReply: null })),
      ),
  }
}
