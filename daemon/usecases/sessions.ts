import { Failure } from '../domain/failure.ts'
import { isLiveSession, type Principal, type Session, type SessionId } from '../domain/session.ts'
import { by } from './audit-subject.ts'
import type { Deps, Origin } from './deps.ts'

/** The caller's live sessions, newest first. */
export const createListSessions =
  ({ store, clock }: Deps) =>
  async ({ account }: Principal): Promise<Session[]> => {
    const now = clock.now()
    const sessions = await store.sessions.list(account.id, now)
    return sessions.filter((session) => isLiveSession(session, account, now))
  }

/** Ends one of the caller's sessions. Throws `not_found` for any other. */
export const createRevokeSession =
  ({ store, clock, audit }: Deps) =>
  async ({ principal, id, origin }: { principal: Principal; id: string; origin: Origin }): Promise<void> => {
    const { account } = principal
    const ended = await store.sessions.revoke({
      id: id as SessionId,
      accountId: account.id,
      now: clock.now(),
    })
    if (!ended) throw new Failure('not_found')
    audit.record({ event: 'session-revoke', outcome: 'success', ...by(principal, origin), targetId: id })
  }

/** Ends the session of this request. Ending it twice is no error. */
export const createLogout =
  ({ store, clock, audit }: Deps) =>
  async ({ principal, origin }: { principal: Principal; origin: Origin }): Promise<void> => {
    const { account, session } = principal
    await store.sessions.revoke({ id: session.id, accountId: account.id, now: clock.now() })
    audit.record({ event: 'logout', outcome: 'success', ...by(principal, origin) })
  }

/** Ends every session of the caller but this one; answers how many. */
export const createRevokeOtherSessions =
  ({ store, clock, audit }: Deps) =>
  async ({ principal, origin }: { principal: Principal; origin: Origin }): Promise<number> => {
    const { account, session } = principal
    const revoked = await store.sessions.revokeAll({
      accountId: account.id,
      except: session.id,
      now: clock.now(),
    })
    audit.record({ event: 'sessions-revoke', outcome: 'success', ...by(principal, origin) })
    return revoked
  }
