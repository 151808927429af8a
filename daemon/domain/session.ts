import type { AccountId, KnownAccount } from './account.ts'
import type { Application, ServiceKeyId } from './application.ts'

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

/** Whose layers decide: an account, those above it, and what narrows it for this request. */
export interface Lineage {
  readonly account: KnownAccount
  /** Top first. */
  readonly ancestors: readonly KnownAccount[]
  /**
   * The session layers of the token, each by the full names of its policies; none where the account acts
   * itself.
   */
  readonly sessionPolicies?: readonly (readonly string[])[] | undefined
  /** The application that acts for the account; null, or left out: it acts itself. */
  readonly application?: Pick<Application, 'id' | 'status'> | null | undefined
}

/** Somebody who has signed in: a live session and its account. */
export interface SignedIn extends Lineage {
  readonly session: Session
  readonly application: null
}

/** An application that acts for its owner: that one is the account that is decided about. */
export interface ApplicationCaller extends Lineage {
  readonly session: null
  readonly application: Application
  /** The service key by which its token was issued. */
  readonly keyId: ServiceKeyId
  readonly sessionPolicies: readonly (readonly string[])[]
}

/** The caller of a request. */
export type Principal = SignedIn | ApplicationCaller

/** The id that tells who acts from others: of the application, or of the account itself. */
export const callerIdOf = ({ account, application }: Lineage): string => application?.id ?? account.id

/** Whether the caller has less than its account: then what that account caps does not cap what it gives. */
export const isNarrowed = ({ sessionPolicies = [] }: Lineage): boolean => sessionPolicies.length > 0

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
