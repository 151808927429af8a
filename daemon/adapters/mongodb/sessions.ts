import type { AccountId } from '../../domain/account.ts'
import { judgeRotation, type Session } from '../../domain/session.ts'
import type { RotateOutcome, SessionStore } from '../../ports/stores/index.ts'
import type { Collections, SessionDoc } from './collections.ts'
import { settling, type Connection } from './connection.ts'
import { createDocumentLoader, createLoader } from './loader.ts'
import { createConditionalWriter, createWriter } from './writer.ts'

const MOST_LISTED = 200
/** Sessions of each account that are read in one piece when they are counted. */
const BATCH_EACH = 100

type RotationStep = Parameters<SessionStore['rotate']>[0]

const toSession = ({ _id, clientId, ...fields }: SessionDoc): Session => ({
  id: _id,
  applicationId: clientId,
  ...fields,
})

/** The document of a session. */
export const toSessionDoc = ({ id, applicationId, ...fields }: Session): SessionDoc => ({
  _id: id,
  clientId: applicationId,
  ...fields,
})

/** The store of sessions on MongoDB. */
export const createSessionStore = (connection: Connection, { sessions }: Collections): SessionStore => {
  const get = createDocumentLoader(sessions, {}, toSession)
  const write = createWriter(sessions)
  const update = createConditionalWriter(sessions)

  /** How many sessions of an account are not revoked, expired ones among them. */
  const countUnended = createLoader<AccountId, number>(async (ids) => {
    const unended = await sessions
      .find({ accountId: { $in: ids }, revokedAt: null }, { batchSize: ids.length * BATCH_EACH })
      .project<Pick<SessionDoc, 'accountId'>>({ _id: 0, accountId: 1 })
      .toArray()
    const counts = new Map<AccountId, number>()
    for (const { accountId } of unended) counts.set(accountId, (counts.get(accountId) ?? 0) + 1)
    return counts
  })

  const endOne = async (target: Parameters<SessionStore['revoke']>[0]): Promise<boolean> => {
    const { modifiedCount } = await sessions.updateOne(
      { _id: target.id, accountId: target.accountId, revokedAt: null },
      { $set: { revokedAt: target.now } },
    )
    return modifiedCount === 1
  }

  /**
   * What `judgeRotation` requires of a rotation, as the condition of the write; and that the session does not
   * end before it would when idle.
   */
  const advance = (
    { id, presented, applicationId, ...step }: RotationStep,
    idleExpiresAt: number,
  ): Promise<boolean> =>
    update({
      filter: {
        _id: id,
        rotation: presented,
        clientId: applicationId,
        revokedAt: null,
        absoluteExpiresAt: { $gt: step.now, $gte: idleExpiresAt },
        idleExpiresAt: { $gt: step.now },
      },
      change: {
        $set: {
          rotation: presented + 1,
          rotatedAt: step.now,
          lastUsedAt: step.now,
          tokenDigest: step.successorDigest,
          idleExpiresAt,
        },
      },
    })

  /** The write decides; only where it finds the session otherwise, what that means is read. */
  const rotate = async (step: RotationStep): Promise<RotateOutcome> => {
    if (await advance(step, step.idleExpiresAt)) return { kind: 'rotated' }
    return settling(async (): Promise<RotateOutcome | undefined> => {
      const session = await get(step.id)
      const verdict = judgeRotation(session, step)
      if (session === undefined || verdict === 'refuse') return { kind: 'refused' }
      if (verdict === 'replay') return { kind: 'replayed' }
      if (verdict === 'reuse') {
        const first = await endOne({ id: session.id, accountId: session.accountId, now: step.now })
        return { kind: 'reused', first }
      }
      const idleExpiresAt = Math.min(step.idleExpiresAt, session.absoluteExpiresAt)
      return (await advance(step, idleExpiresAt)) ? { kind: 'rotated' } : undefined
    })
  }

  /**
   * Ends what is beyond the newest. Every insertion looks after it and before it is answered: the last of
   * those that run at once sees all the others, so that what was answered is never too much.
   */
  const endOldest = async ({ accountId, createdAt: now }: Session, mostLive: number): Promise<void> => {
    const newest = await sessions
      .find({ accountId, revokedAt: null, absoluteExpiresAt: { $gt: now }, idleExpiresAt: { $gt: now } })
      .project<Pick<SessionDoc, '_id' | 'createdAt'>>({ createdAt: 1 })
      .sort({ createdAt: -1, _id: 1 })
      .limit(mostLive + 1)
      .toArray()
    const last = newest[mostLive]
    if (last === undefined) return
    const { _id, createdAt } = last
    await sessions.updateMany(
      {
        accountId,
        revokedAt: null,
        createdAt: { $lte: createdAt },
        $or: [{ createdAt: { $lt: createdAt } }, { _id: { $gte: _id } }],
      },
      { $set: { revokedAt: now } },
    )
  }

  return {
    insert: (session, mostLive) =>
      connection.run(async () => {
        await write({ insertOne: { document: toSessionDoc(session) } })
        if (((await countUnended(session.accountId)) ?? 0) > mostLive) await endOldest(session, mostLive)
      }),
    get: (id) => connection.run(() => get(id)),
    rotate: (step) => connection.run(() => rotate(step)),
    setEpoch: (id, epoch) =>
      connection.run(async () => void (await sessions.updateOne({ _id: id }, { $set: { epoch } }))),
    revoke: (target) => connection.run(() => endOne(target)),
    revokeAll: ({ accountId, except, now }) =>
      connection.run(async () => {
        const { modifiedCount } = await sessions.updateMany(
          { accountId, revokedAt: null, ...(except === null ? {} : { _id: { $ne: except } }) },
          { $set: { revokedAt: now } },
        )
        return modifiedCount
      }),
    list: (accountId, now) =>
      connection.run(async () => {
        const docs = await sessions
          .find({ accountId, revokedAt: null, absoluteExpiresAt: { $gt: now }, idleExpiresAt: { $gt: now } })
          .sort({ createdAt: -1, _id: 1 })
          .limit(MOST_LISTED)
          .toArray()
        return docs.map(toSession)
      }),
  }
}
