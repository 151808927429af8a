import type { KnownAccount, Role } from '../../domain/account.ts'
import { formatRefreshToken } from '../../domain/refresh-token.ts'
import type { Session, SessionId } from '../../domain/session.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'

/** What a sign-in hands out. */
export interface IssuedToken {
  readonly accessToken: string
  readonly expiresInSeconds: number
  readonly refreshToken: string
}

/**
 * Signs an access token for a live session. Its claims carry identity only; every right is looked up at use.
 */
export const issueAccessToken = (
  { signer, clock, settings }: Pick<Deps, 'signer' | 'clock' | 'settings'>,
  session: Session,
  account: KnownAccount,
): Pick<IssuedToken, 'accessToken' | 'expiresInSeconds'> => {
  const issuedAt = Math.floor(clock.now() / 1000)
  const accessToken = signer.sign({
    sub: account.id,
    sid: session.id,
    role: account.role,
    applicationId: session.applicationId,
    issuedAt,
    expiresAt: issuedAt + settings.accessTokenSeconds,
  })
  return { accessToken, expiresInSeconds: settings.accessTokenSeconds }
}

/** For which account and application a session is opened. */
export interface SessionRequest {
  readonly account: KnownAccount
  readonly applicationId: string
  readonly origin: RequestOrigin
  /** The absolute expiry to keep when a session continues another; otherwise the role's. */
  readonly absoluteExpiresAt?: number
}

/** What opening a session needs. */
export type SessionDeps = Pick<Deps, 'store' | 'clock' | 'random' | 'vault' | 'signer' | 'settings'>

/** A session and the refresh token that it begins with. */
export interface NewSession {
  readonly session: Session
  readonly refreshToken: string
}

/** When a session that is used now ends if it is not used any more; never after its absolute expiry. */
export const idleExpiryOf = (
  settings: Deps['settings'],
  role: Role,
  { now, absoluteExpiresAt }: { readonly now: number; readonly absoluteExpiresAt: number },
): number => Math.min(absoluteExpiresAt, now + settings.sessionIdleSeconds[role] * 1000)

/** A session for an account that has just proved itself; nothing is stored yet. */
export const newSession = (
  { clock, random, vault, settings }: Pick<Deps, 'clock' | 'random' | 'vault' | 'settings'>,
  request: SessionRequest,
): NewSession => {
  const { account, origin } = request
  const now = clock.now()
  const sessionId = `ses_${random.rowKey(now)}` as SessionId
  const refreshToken = formatRefreshToken({ sessionId, rotation: 0, secret: random.secret() })
  const absoluteExpiresAt =
    request.absoluteExpiresAt ?? now + settings.sessionAbsoluteSeconds[account.role] * 1000
  const session: Session = {
    id: sessionId,
    accountId: account.id,
    epoch: account.epoch,
    applicationId: request.applicationId,
    ip: origin.ip,
    userAgent: origin.userAgent,
    createdAt: now,
    lastUsedAt: now,
    idleExpiresAt: idleExpiryOf(settings, account.role, { now, absoluteExpiresAt }),
    absoluteExpiresAt,
    revokedAt: null,
    rotation: 0,
    rotatedAt: now,
    tokenDigest: vault.digest(refreshToken),
  }
  return { session, refreshToken }
}

/** Opens a new session for an account that has just proved itself, and issues its first tokens. */
export const openSession = async (
  deps: SessionDeps,
  request: SessionRequest,
): Promise<{ session: Session; token: IssuedToken }> => {
  const { session, refreshToken } = newSession(deps, request)
  const { account } = request
  await deps.store.sessions.insert(session, deps.settings.maxSessions)
  return { session, token: { ...issueAccessToken(deps, session, account), refreshToken } }
}
