import { isOfApplication } from '../../domain/access-token.ts'
import type { AccountId } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { SessionId } from '../../domain/session.ts'
import { revocationKeyOf } from '../access/revocation.ts'
import { originFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { createTokens } from '../sessions/tokens.ts'
import type { OAuthClient } from './client.ts'
import type { GrantDeps } from './grants.ts'

/** So long after its expiry a token is remembered: clocks differ. */
const LEEWAY_MS = 60_000
/** What is handed out here and is no token: it ends in other ways. */
const NO_TOKENS = /^authctl_(?:sk|dc)_/

/**
 * Ends a token for the application that it was issued to (RFC 7009): a refresh token, or an access token of a
 * session, ends the session with all its tokens; that of an application ends alone. For any other token, or
 * what is none, nothing is done. Throws `unsupported_token_type`.
 */
export const createRevoke = (deps: GrantDeps & Pick<Deps, 'signer'>) => {
  const { store, clock, signer, audit, vault } = deps
  const tokens = createTokens(deps)

  const endSession = async (
    { id, accountId }: { id: SessionId; accountId: AccountId },
    origin: RequestOrigin,
  ): Promise<void> => {
    if (!(await store.sessions.revoke({ id, accountId, now: clock.now() }))) return
    audit.record({
      event: 'token-revoke',
      outcome: 'success',
      actorId: accountId,
      sessionId: id,
      ...originFields(origin),
    })
  }

  const accessToken = async (token: string, client: OAuthClient, origin: RequestOrigin): Promise<void> => {
    const now = clock.now()
    const claims = await signer.verify(token, { now, ignoreExpiry: true })
    if (claims === undefined) return
    if (!isOfApplication(claims)) {
      if (client.kind === 'public' && claims.applicationId === client.id)
        await endSession({ id: claims.sid, accountId: claims.sub }, origin)
      return
    }
    if (client.kind !== 'application' || claims.sub !== client.id) return
    const expiresAt = claims.expiresAt * 1000 + LEEWAY_MS
    const path = client.application.ownerPath
    const once = { key: revocationKeyOf(vault, token), expiresAt, now, path }
    if (expiresAt <= now || !(await store.spent.spend(once))) return
    audit.record({
      event: 'token-revoke',
      outcome: 'success',
      actorId: claims.ownerId,
      applicationId: claims.sub,
      ...originFields(origin),
    })
  }

  return async (request: { client: OAuthClient; token: string; origin: RequestOrigin }): Promise<void> => {
    const { client, token, origin } = request
    if (NO_TOKENS.test(token)) throw new Failure('unsupported_token_type')
    const session = await tokens.sessionOf(token)
    if (session === undefined) await accessToken(token, client, origin)
    else if (client.kind === 'public' && session.applicationId === client.id)
      await endSession(session, origin)
  }
}
