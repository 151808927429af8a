import type { AccountId } from '../../domain/account.ts'
import { judgeRotation, type Session, type SessionId } from '../../domain/session.ts'
import type { RotateOutcome, SessionStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

interface SessionRow {
  id: SessionId
  account_id: AccountId
  epoch: number
  client_id: string
  ip: string | null
  user_agent: string | null
  created_at: number
  last_used_at: number
  idle_expires_at: number
  absolute_expires_at: number
  revoked_at: number | null
  rotation: number
  rotated_at: number
  token_digest: string
}

const toSession = (row: SessionRow): Session => ({
  id: row.id,
  accountId: row.account_id,
  epoch: row.epoch,
  applicationId: row.client_id,
  ip: row.ip,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  idleExpiresAt: row.idle_expires_at,
  absoluteExpiresAt: row.absolute_expires_at,
  revokedAt: row.revoked_at,
  rotation: row.rotation,
  rotatedAt: row.rotated_at,
  tokenDigest: row.token_digest,
})

export const createSessionStore = (db: Database): SessionStore => {
  const insert = db.writing(
    `INSERT INTO sessions VALUES (:id, :account_id, :epoch, :client_id, :ip, :user_agent, :created_at, :last_used_at, :idle_expires_at,
     :absolute_expires_at, :revoked_at, :rotation, :rotated_at, :token_digest)`,
  )
  const current = db.writing('SELECT * FROM sessions WHERE id = :id')
  const rotate = db.writing(
    `UPDATE sessions SET rotation = rotation + 1, rotated_at = :now, last_used_at = :now, token_digest = :digest, idle_expires_at = :idle
     WHERE id = :id AND rotation = :presented AND revoked_at IS NULL RETURNING *`,
  )
  const end = db.writing(
    'UPDATE sessions SET revoked_at = :now WHERE id = :id AND account_id = :account_id AND revoked_at IS NULL',
  )
  const endAll = db.writing(
    'UPDATE sessions SET revoked_at = :now WHERE account_id = :account_id AND id IS NOT :except AND revoked_at IS NULL',
  )
  const setEpoch = db.writing('UPDATE sessions SET epoch = :epoch WHERE id = :id')
  const byId = db.reading('SELECT * FROM sessions WHERE id = :id')
  // Newest first from the index, until there are 200; it passes over no revoked session, and over expired
  // ones only until they are swept.
  const list = db.reading(
    `SELECT * FROM sessions WHERE account_id = :account_id AND revoked_at IS NULL AND absolute_expires_at > :now AND idle_expires_at > :now
     ORDER BY created_at DESC, id LIMIT 200`,
  )

  const step = (s: Parameters<SessionStore['rotate']>[0]): RotateOutcome => {
    const row = current.get<SessionRow>({ id: s.id })
    const session = row && toSession(row)
    const verdict = judgeRotation(session, s)
    if (session === undefined || verdict === 'refuse') return { kind: 'refused' }
    if (verdict === 'replay') return { kind: 'replayed', session }
    if (verdict === 'reuse')
      return { kind: 'reused', first: end.run({ id: s.id, account_id: session.accountId, now: s.now }) === 1 }
    const next = rotate.get<SessionRow>({
      id: s.id,
      presented: s.presented,
      now: s.now,
      digest: s.successorDigest,
      idle: Math.min(s.idleExpiresAt, session.absoluteExpiresAt),
    })
    return next ? { kind: 'rotated', session: toSession(next) } : { kind: 'refused' }
  }

  return {
    insert: (session) =>
      db.write(() => {
        insert.run({
          id: session.id,
          account_id: session.accountId,
          epoch: session.epoch,
          client_id: session.applicationId,
          ip: session.ip,
          user_agent: session.userAgent,
          created_at: session.createdAt,
          last_used_at: session.lastUsedAt,
          idle_expires_at: session.idleExpiresAt,
          absolute_expires_at: session.absoluteExpiresAt,
          revoked_at: session.revokedAt,
          rotation: session.rotation,
          rotated_at: session.rotatedAt,
          token_digest: session.tokenDigest,
        })
      }),

    get: (id) =>
      db.read(() => {
        const row = byId.get<SessionRow>({ id })
        return row && toSession(row)
      }),

    rotate: (s) => db.write(() => step(s)),
    setEpoch: (id, epoch) => db.write(() => void setEpoch.run({ id, epoch })),
    revoke: ({ id, accountId, now }) => db.write(() => end.run({ id, account_id: accountId, now }) === 1),
    revokeAll: ({ accountId, except, now }) =>
      db.write(() => endAll.run({ account_id: accountId, except, now })),
    list: (accountId, now) =>
      db.read(() => list.all<SessionRow>({ account_id: accountId, now }).map(toSession)),
  }
}
