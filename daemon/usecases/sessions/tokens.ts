import { timingSafeEqual } from 'node:crypto'
import type { KnownAccount } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { formatRefreshToken, parseRefreshToken, type RefreshToken } from '../../domain/refresh-token.ts'
import { isActive, isLiveSession, judgeRotation, type Session, type SignedIn } from '../../domain/session.ts'
import { actorFields, originFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { DEFAULT_APPLICATION_ID, type Deps } from '../deps.ts'
import { MAX_REFRESH_KEY_TRIES, refuseKey } from './refresh-keys.ts'
import { idleExpiryOf, issueAccessToken, openSession, type IssuedToken, type SessionDeps } from './open.ts'

/**
 * How far back in a chain a reused token is recognised; an older one is refused without ending the session.
 */
const RECOGNISED_ROTATIONS = 1000

type TokenDeps = SessionDeps & Pick<Deps, 'audit'>

const refuse = (reason: string): never => {
  throw new Failure('invalid_grant', { reason })
}

const successorOf = ({ vault }: Pick<Deps, 'vault'>, token: RefreshToken): RefreshToken => ({
  sessionId: token.sessionId,
  rotation: token.rotation + 1,
  secret: vault.nextRefreshSecret(token.secret),
})

/**
 * Whether the token is the session's live one or one that came before it: its chain, continued, ends in the
 * stored digest.
 */
const isOfChain = (deps: Pick<Deps, 'vault'>, presented: RefreshToken, session: Session): boolean => {
  const steps = session.rotation - presented.rotation
  if (steps < 0 || steps > RECOGNISED_ROTATIONS) return false
  let token = presented
  for (let step = 0; step < steps; step++) token = successorOf(deps, token)
  const digest = Buffer.from(deps.vault.digest(formatRefreshToken(token)))
  return timingSafeEqual(digest, Buffer.from(session.tokenDigest))
}

const requireLive = async (
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  session: Session,
): Promise<KnownAccount> => {
  const lineage = await store.accounts.getLineageOf(session.accountId)
  const account = lineage.at(-1)
  if (account === undefined || !isLiveSession(session, account, clock.now())) return refuse('ended_session')
  if (!isActive(lineage)) return refuse('not_active')
  return account
}

/** A refresh token as presented, by which application and from where. */
export interface RefreshRequest {
  readonly refreshToken: string
  readonly applicationId?: string | undefined
  readonly origin: RequestOrigin
}

/** Tokens that continue a session, or a sign-in. */
export const createTokens = (deps: TokenDeps) => {
  /**
   * Rotates a refresh token (RFC 9700 section 4.14): the present token gives its successor; within grace its
   * direct parent gives the same successor again; older or later reuse ends the session and is audited once.
   * Throws `invalid_grant`.
   */
  const refresh = async ({
    refreshToken,
    applicationId = DEFAULT_APPLICATION_ID,
    origin,
  }: RefreshRequest): Promise<IssuedToken> => {
    const { store, vault, clock, settings, audit } = deps
    const presented = parseRefreshToken(refreshToken) ?? refuse('malformed')
    const found = (await store.sessions.get(presented.sessionId)) ?? refuse('unknown_session')
    if (!isOfChain(deps, presented, found)) return refuse('not_of_chain')
    const account = await requireLive(deps, found)
    const successor = successorOf(deps, presented)
    const next = formatRefreshToken(successor)
    const now = clock.now()
    const outcome = await store.sessions.rotate({
      id: presented.sessionId,
      presented: presented.rotation,
      applicationId,
      successorDigest: vault.digest(next),
      idleExpiresAt: idleExpiryOf(settings, account.role, {
        now,
        absoluteExpiresAt: found.absoluteExpiresAt,
      }),
      graceMs: settings.refreshGraceMs,
      now,
    })
    const about = { actorId: account.id, sessionId: found.id, ...originFields(origin) }
    if (outcome.kind === 'reused') {
      if (outcome.first) {
        audit.record({ event: 'refresh-token-reused', outcome: 'failure', ...about })
      }
      return refuse('reused')
    }
    if (outcome.kind === 'refused') return refuse('refused')
    audit.record({ event: 'token-refresh', outcome: 'success', ...about })
    return { ...issueAccessToken(deps, found, account), refreshToken: next }
  }

  /** The session of a refresh token; undefined for what is none. Nothing is changed. */
  const sessionOf = async (refreshToken: string): Promise<Session | undefined> => {
    const presented = parseRefreshToken(refreshToken)
    const found = presented && (await deps.store.sessions.get(presented.sessionId))
    return presented && found && isOfChain(deps, presented, found) ? found : undefined
  }

  /** The session and the account of a refresh token that would be taken now; undefined for any other. */
  const inspect = async (
    refreshToken: string,
  ): Promise<{ session: Session; account: KnownAccount } | undefined> => {
    const session = await sessionOf(refreshToken)
    const { rotation } = parseRefreshToken(refreshToken) ?? {}
    if (session === undefined || rotation === undefined) return undefined
    const now = deps.clock.now()
    const { applicationId } = session
    const step = { presented: rotation, applicationId, graceMs: deps.settings.refreshGraceMs, now }
    const judged = judgeRotation(session, step)
    if (judged !== 'rotate' && judged !== 'replay') return undefined
    const lineage = await deps.store.accounts.getLineageOf(session.accountId)
    const account = lineage.at(-1)
    const isUsable = account !== undefined && isLiveSession(session, account, now) && isActive(lineage)
    return isUsable ? { session, account } : undefined
  }

  /**
   * A new session from an expired access token and the refresh key, without SMS. The old session stays as it
   * is, so that a lost reply can be repeated; the new one keeps its absolute expiry.
   */
  const regenerate = async (request: {
    principal: SignedIn
    refreshKey: string
    origin: RequestOrigin
  }): Promise<IssuedToken> => {
    const { store, vault, audit } = deps
    const { account, session } = request.principal
    const outcome = await store.refreshKeys.verify({
      accountId: account.id,
      epoch: account.epoch,
      mac: vault.refreshKeyMac(account.id, request.refreshKey),
      maxTries: MAX_REFRESH_KEY_TRIES,
    })
    audit.record({
      event: 'token-regenerate',
      outcome: outcome === 'ok' ? 'success' : 'failure',
      reason: outcome,
      ...actorFields(request.principal, request.origin),
    })
    if (outcome !== 'ok') return refuseKey(outcome)
    const { applicationId, absoluteExpiresAt } = session
    return (await openSession(deps, { account, applicationId, absoluteExpiresAt, origin: request.origin }))
      .token
  }

  return { refresh, regenerate, sessionOf, inspect }
}
