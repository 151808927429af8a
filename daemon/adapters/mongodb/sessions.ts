import { judgeRotation, type Session } from '../../domain/session.ts'
import type { RotateOutcome, SessionStore } from '../../ports/stores/index.ts'
import type { Collections, SessionDoc } from './collections.ts'
import { settling, type Connection } from './connection.ts'
import { createDocumentLoader } from './loader.ts'

const MOST_LISTED = 200

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

  const endOne = async (target: Parameters<SessionStore['revoke']>[0]): Promise<boolean> => {
    const { modifiedCount } = await sessions.updateOne(
      { _id: target.id, accountId: target.accountId, revokedAt: null },
      { $set: { revokedAt: target.now } },
    )
    return modifiedCount === 1
  }

  const advance = async (session: Session, step: Parameters<SessionStore['rotate']>[0]) =>
    sessions.findOneAndUpdate(
      { _id: session.id, rotation: step.presented, revokedAt: null },
      {
        $set: {
          rotatedAt: step.now,
          lastUsedAt: step.now,
          tokenDigest: step.successorDigest,
          idleExpiresAt: Math.min(step.idleExpiresAt, session.absoluteExpiresAt),
        },
        $inc: { rotation: 1 },
      },
      { returnDocument: 'after' },
    )

  const rotate = (step: Parameters<SessionStore['rotate']>[0]): Promise<RotateOutcome> =>
    settling(async (): Promise<RotateOutcome | undefined> => {
      const session = await get(step.id)
      const verdict = judgeRotation(session, step)
      if (session === undefined || verdict === 'refuse') return { kind: 'refused' }
      if (verdict === 'replay') return { kind: 'replayed', session }
      if (verdict === 'reuse') {
        const first = await endOne({ id: session.id, accountId: session.accountId, now: step.now })
        return { kind: 'reused', first }
      }
      const next = await advance(session, step)
      return next === null ? undefined : { kind: 'rotated', session: toSession(next) }
    })

  /**
   * Ends what is beyond the newest. Every insertion does so after it and before it is answered: the last of
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
        await sessions.insertOne(toSessionDoc(session))
        await endOldest(session, mostLive)
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
