import { Failure } from '../../domain/failure.ts'
import { isActive, isLiveSession, type Principal } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'

const refuse = (reason: string): never => {
  throw new Failure('invalid_token', { reason })
}

/**
 * The caller of a request, from its access token. The token only names it: that session, account and every
 * ancestor are live is read from the store each time. Throws `invalid_token` for every reason alike.
 */
export const createAuthenticate =
  ({ store, signer, clock }: Pick<Deps, 'store' | 'signer' | 'clock'>) =>
  async (token: string, options: { ignoreExpiry: boolean }): Promise<Principal> => {
    const now = clock.now()
    const claims = await signer.verify(token, { now, ...options })
    if (claims === undefined) return refuse('not_verified')
    // The token names both, so that they are asked for at once; each is what it is after the request came in.
    const [session, lineage] = await Promise.all([
      store.sessions.get(claims.sid),
      store.accounts.getLineageOf(claims.sub),
    ])
    const account = lineage.at(-1)
    if (session === undefined || account === undefined || session.accountId !== account.id)
      return refuse('unknown_session')
    if (claims.role !== account.role || claims.applicationId !== session.applicationId)
      return refuse('stale_claims')
    if (!isLiveSession(session, account, now)) return refuse('ended_session')
    if (lineage.length !== lineageIds(account.path).length || !isActive(lineage)) return refuse('not_active')
    return { session, account, ancestors: lineage.slice(0, -1) }
  }

/** Finds the caller of an access token; throws `invalid_token`. */
export type Authenticate = ReturnType<typeof createAuthenticate>
