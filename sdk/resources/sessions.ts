import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Account, ChangePassword, Detail, SessionList, SessionsRevoked } from '../types.gen.ts'

export const auth = (sender: Sender) => ({
  /** The account that is signed in. */
  me: (options?: CallOptions): Promise<Account> => sender.send(operations.authMe, {}, options),
  /** Ends the session on the server and forgets it here, even when the server does not answer. */
  logout: async (options?: CallOptions): Promise<Detail> => {
    try {
      return await sender.send<Detail>(operations.authLogout, {}, options)
    } finally {
      await sender.session.clear()
    }
  },
})

export const sessions = (sender: Sender) => ({
  /** The caller's live sessions, newest first. */
  list: (options?: CallOptions): Promise<SessionList> => sender.send(operations.sessionsList, {}, options),
  /** Ends one of them. */
  revoke: (id: string, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.sessionsRevoke, { params: { id } }, options),
  /** Ends all but this one. */
  revokeOthers: (options?: CallOptions): Promise<SessionsRevoked> =>
    sender.send(operations.sessionsRevokeOthers, {}, options),
})

export const passwords = (sender: Sender) => ({
  /** Changes the caller's password; every other session ends. */
  change: (body: ChangePassword, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.passwordsChange, { body }, options),
})
