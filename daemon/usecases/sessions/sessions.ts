import type { Account, AccountId, KnownAccount } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import {
  isLiveSession,
  type Principal,
  type Session,
  type SessionId,
  type SignedIn,
} from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../deps.ts'

/** The sessions of accounts: seen and ended. */
export const createSessions = (deps: Pick<Deps, 'store' | 'clock' | 'audit'>) => {
  const { store, clock, audit } = deps
  /** The live sessions of an account, newest first. */
  const list = async (account: KnownAccount): Promise<Session[]> => {
    const now = clock.now()
    const sessions = await store.sessions.list(account.id, now)
    return sessions.filter((session) => isLiveSession(session, account, now))
  }

  /**
   * Ends the sessions of an account, and with them the devices that are let in and have not asked since.
   * Those first: one that is being signed in meanwhile looks again when its session is there.
   */
  const endAll = async (accountId: AccountId, except: SessionId | null): Promise<number> => {
    await store.devices.denyOf(accountId)
    return store.sessions.revokeAll({ accountId, except, now: clock.now() })
  }

  /** Ends every session of an account that the caller dominates; answers how many. */
  const revokeAllOf = async (request: {
    principal: Principal
    target: Account
    origin: RequestOrigin
  }): Promise<number> => {
    const { principal, target, origin } = request
    const revoked = await endAll(target.id, null)
    audit.record({
      event: 'sessions-revoke',
      outcome: 'success',
      ...actorFields(principal, origin),
      targetId: target.id,
    })
    return revoked
  }

  /** Ends one of the caller's sessions. Throws `not_found` for any other. */
  const revoke = async ({
    principal,
    id,
    origin,
  }: {
    principal: SignedIn
    id: string
    origin: RequestOrigin
  }): Promise<void> => {
    const { account } = principal
    const ended = await store.sessions.revoke({
      id: id as SessionId,
      accountId: account.id,
      now: clock.now(),
    })
    if (!ended) throw new Failure('not_found')
    audit.record({
      event: 'session-revoke',
      outcome: 'success',
      ...actorFields(principal, origin),
      targetId: id,
    })
  }

  /** Ends the session of this request. Ending it twice is no error. */
  const logout = async ({
    principal,
    origin,
  }: {
    principal: SignedIn
    origin: RequestOrigin
  }): Promise<void> => {
    const { account, session } = principal
    await store.sessions.revoke({ id: session.id, accountId: account.id, now: clock.now() })
    audit.record({ event: 'logout', outcome: 'success', ...actorFields(principal, origin) })
  }

  /** Ends every session of the caller but this one; answers how many. */
  const revokeOthers = async ({
    principal,
    origin,
  }: {
    principal: SignedIn
    origin: RequestOrigin
  }): Promise<number> => {
    const { account, session } = principal
    const revoked = await endAll(account.id, session.id)
    audit.record({ event: 'sessions-revoke', outcome: 'success', ...actorFields(principal, origin) })
    return revoked
  }

  return { list, revokeAllOf, revoke, logout, revokeOthers }
}
