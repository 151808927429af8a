import { isOfApplication, type ApplicationSubject, type SessionSubject } from '../../domain/access-token.ts'
import type { AccountId, KnownAccount } from '../../domain/account.ts'
import { hasLiveKey, sessionPoliciesOf } from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import {
  isActive,
  isLiveSession,
  type ApplicationCaller,
  type Lineage,
  type Principal,
  type SignedIn,
} from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'
import { revocationKeyOf } from './revocation.ts'

const refuse = (reason: string): never => {
  throw new Failure('invalid_token', { reason })
}

/** The account and those above it, all of them active. */
const requireActive = (account: KnownAccount, lineage: readonly KnownAccount[]): Lineage => {
  if (lineage.length !== lineageIds(account.path).length || !isActive(lineage)) return refuse('not_active')
  return { account, ancestors: lineage.slice(0, -1) }
}

/**
 * The caller of a request, from its access token. The token only names it: that the session or application,
 * the account and every ancestor are live is read from the store each time. Throws `invalid_token` for every
 * reason alike.
 */
export const createAuthenticate = ({
  store,
  signer,
  clock,
  vault,
}: Pick<Deps, 'store' | 'signer' | 'clock'> & { readonly vault: Pick<Deps['vault'], 'digest'> }) => {
  // A token names all that is to be read, so that it is asked for at once; each is what it is after the
  // request came in.
  const read = <T>(named: Promise<T>, id: AccountId): Promise<[T, KnownAccount[]]> =>
    Promise.all([named, store.accounts.getLineageOf(id)])

  const signedIn = async (claims: SessionSubject, now: number): Promise<SignedIn> => {
    const [session, lineage] = await read(store.sessions.get(claims.sid), claims.sub)
    const account = lineage.at(-1)
    if (session === undefined || account === undefined || session.accountId !== account.id)
      return refuse('unknown_session')
    if (claims.role !== account.role || claims.applicationId !== session.applicationId)
      return refuse('stale_claims')
    if (!isLiveSession(session, account, now)) return refuse('ended_session')
    return { ...requireActive(account, lineage), session, application: null }
  }

  const byApplication = async (
    claims: ApplicationSubject,
    { token, now }: { token: string; now: number },
  ): Promise<ApplicationCaller> => {
    const { keyId, scope } = claims
    const [[application, lineage], isRevoked] = await Promise.all([
      read(store.applications.get(claims.sub), claims.ownerId),
      store.spent.isSpent(revocationKeyOf(vault, token), now),
    ])
    if (isRevoked) return refuse('revoked')
    const account = lineage.at(-1)
    if (application === undefined || account === undefined || application.ownerId !== account.id)
      return refuse('unknown_application')
    if (application.status !== 'active') return refuse('disabled_application')
    if (!hasLiveKey(application, keyId, now)) return refuse('ended_key')
    const sessionPolicies = sessionPoliciesOf(application, scope?.split(' '))
    return { ...requireActive(account, lineage), session: null, application, keyId, sessionPolicies }
  }

  return async (token: string, options: { ignoreExpiry: boolean }): Promise<Principal> => {
    const now = clock.now()
    const claims = await signer.verify(token, { now, ...options })
    if (claims === undefined) return refuse('not_verified')
    return isOfApplication(claims) ? byApplication(claims, { token, now }) : signedIn(claims, now)
  }
}

/** Finds the caller of an access token; throws `invalid_token`. */
export type Authenticate = ReturnType<typeof createAuthenticate>
