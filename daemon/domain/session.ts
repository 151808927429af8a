import type { AccountId, KnownAccount } from './account.ts'

/** The id of a session. */
export type SessionId = string & { readonly brand: 'SessionId' }

/** One signed-in place: the family of one chain of refresh tokens. */
export interface Session {
  readonly id: SessionId
  readonly accountId: AccountId
  /** The account's epoch when it signed in. */
  readonly epoch: number
  /** The name of the application that signed in: the `client_id` on the wire. */
  readonly applicationId: string
  readonly ip: string | null
  readonly userAgent: string | null
  readonly createdAt: number
  readonly lastUsedAt: number
  readonly idleExpiresAt: number
  /** Never moves. */
  readonly absoluteExpiresAt: number
  readonly revokedAt: number | null
  /** How often the refresh token was rotated: the number of the live token. */
  readonly rotation: number
  readonly rotatedAt: number
  /** SHA-256 of the live refresh token, base64url. */
  readonly tokenDigest: string
}

/** The caller of a request: a live session, its account, and the account's ancestors, top first. */
export interface Principal {
  readonly session: Session
  readonly account: KnownAccount
  readonly ancestors: readonly KnownAccount[]
}

/** Live: not revoked, within its absolute life, and of the account's present epoch. */
export const isLiveSession = (session: Session, account: Pick<KnownAccount, 'epoch'>, now: number): boolean =>
  session.revokedAt === null && now < session.absoluteExpiresAt && session.epoch === account.epoch

/** Active: the account itself and every ancestor. */
export const isActive = (lineage: readonly Pick<KnownAccount, 'status'>[]): boolean =>
  lineage.length > 0 && lineage.every((account) => account.status === 'active')

/**
 * What presenting refresh token number `presented` of a session means: `rotate` it, `replay` its successor
 * (the direct parent of the live token, rotated at most `graceMs` ago or, by a stepped clock, ahead), `reuse`
 * of an older one, or `refuse` (no such session, revoked, of another application, expired).
 */
export const judgeRotation = (
  session: Session | undefined,
  step: {
    readonly presented: number
    readonly applicationId: string
    readonly graceMs: number
    readonly now: number
  },
): 'rotate' | 'replay' | 'reuse' | 'refuse' => {
  const isUsable =
    session !== undefined &&
    session.revokedAt === null &&
    session.applicationId === step.applicationId &&
    session.absoluteExpiresAt > step.now &&
    session.idleExpiresAt > step.now
  if (!isUsable || step.presented > session.rotation) return 'refuse'
  if (step.presented === session.rotation) return 'rotate'
  const isParent = step.presented === session.rotation - 1
  const isWithinGrace = step.graceMs > 0 && Math.abs(step.now - session.rotatedAt) <= step.graceMs
  return isParent && isWithinGrace ? 'replay' : 'reuse'
}
