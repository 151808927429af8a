import { judgeRotation, type Session } from '../../domain/session.ts'
import type { RotateOutcome, SessionStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const SESSIONS = recordTable<Session>('sessions', {
  id: 'id',
  accountId: 'account_id',
  epoch: 'epoch',
  applicationId: 'client_id',
  ip: 'ip',
  userAgent: 'user_agent',
  createdAt: 'created_at',
  lastUsedAt: 'last_used_at',
  idleExpiresAt: 'idle_expires_at',
  absoluteExpiresAt: 'absolute_expires_at',
  revokedAt: 'revoked_at',
  rotation: 'rotation',
  rotatedAt: 'rotated_at',
  tokenDigest: 'token_digest',
})

/** Inserts a session and ends the oldest beyond the newest `mostLive`; for use inside `write`. */
export const createSessionInsertion = (db: Database): ((session: Session, mostLive: number) => void) => {
  const insert = db.writing(SESSIONS.insert)
  const endOldest = db.writing(
    `UPDATE sessions SET revoked_at = :now WHERE id IN (
       SELECT id FROM sessions WHERE account_id = :account_id AND revoked_at IS NULL AND absolute_expires_at > :now AND idle_expires_at > :now
       ORDER BY created_at DESC, id LIMIT -1 OFFSET :most)`,
  )
  return (session, mostLive) => {
    insert.run(SESSIONS.toValues(session))
    endOldest.run({ account_id: session.accountId, now: session.createdAt, most: mostLive })
  }
}

/** The store of sessions on SQLite. */
export const createSessionStore = (db: Database): SessionStore => {
  const insert = createSessionInsertion(db)
  const current = db.writing('SELECT * FROM sessions WHERE id = :id')
  const rotate = db.writing(
    `UPDATE sessions SET rotation = rotation + 1, rotated_at = :now, last_used_at = :now, token_digest = :digest,
       idle_expires_at = min(:idle, absolute_expires_at)
     WHERE id = :id AND rotation = :presented AND client_id = :application AND revoked_at IS NULL
       AND absolute_expires_at > :now AND idle_expires_at > :now`,
  )
  const end = db.writing(
    'UPDATE sessions SET revoked_at = :now WHERE id = :id AND account_id = :account_id AND revoked_at IS NULL',
  )
  const endAll = db.writing(
    'UPDATE sessions SET revoked_at = :now WHERE account_id = :account_id AND id IS NOT :except AND revoked_at IS NULL',
  )
  const setEpoch = db.writing('UPDATE sessions SET epoch = :epoch WHERE id = :id')
  const remembered = db.cache.memory<Session>('sessions')
  const byId = db.reading('SELECT * FROM sessions WHERE id = :id')
  // Newest first from the index, until there are 200; it passes over no revoked session, and over expired
  // ones only until they are swept.
  const list = db.reading(
    `SELECT * FROM sessions WHERE account_id = :account_id AND revoked_at IS NULL AND absolute_expires_at > :now AND idle_expires_at > :now
     ORDER BY created_at DESC, id LIMIT 200`,
  )

  /**
   * The write requires what `judgeRotation` does of a rotation; only where it finds otherwise, it is read
   * why.
   */
  const step = (s: Parameters<SessionStore['rotate']>[0]): RotateOutcome => {
    const rotated = rotate.run({
      id: s.id,
      presented: s.presented,
      application: s.applicationId,
      now: s.now,
      digest: s.successorDigest,
      idle: s.idleExpiresAt,
    })
    if (rotated === 1) return { kind: 'rotated' }
    const row = current.get<Row>({ id: s.id })
    const session = row && SESSIONS.toRecord(row)
    const verdict = judgeRotation(session, s)
    if (verdict === 'replay') return { kind: 'replayed' }
    if (session === undefined || verdict !== 'reuse') return { kind: 'refused' }
    return { kind: 'reused', first: end.run({ id: s.id, account_id: session.accountId, now: s.now }) === 1 }
  }

  return {
    insert: (session, mostLive) => db.write(() => insert(session, mostLive)),

    get: (id) =>
      db.readRemembered(() =>
        remembered(id, () => {
          const row = byId.get<Row>({ id })
          return row && SESSIONS.toRecord(row)
        }),
      ),

    rotate: (s) => db.write(() => step(s)),
    setEpoch: (id, epoch) => db.write(() => void setEpoch.run({ id, epoch })),
    revoke: ({ id, accountId, now }) => db.write(() => end.run({ id, account_id: accountId, now }) === 1),
    revokeAll: ({ accountId, except, now }) =>
      db.write(() => endAll.run({ account_id: accountId, except, now })),
    list: (accountId, now) =>
      db.read(() => list.all<Row>({ account_id: accountId, now }).map(SESSIONS.toRecord)),
  }
}
