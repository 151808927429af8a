import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Account, ChangePassword, Detail, SessionList, SessionsRevoked } from '../types.gen.ts'

export const auth = (sender: Sender) => ({
  /** The account that is signed in. */
  me: (options?: CallOptions): Promise<Account> => sender.send('auth.me', {}, options),
  /** Ends the session on the server and forgets it here, even when the server does not answer. */
  logout: async (options?: CallOptions): Promise<Detail> => {
    try {
      return await sender.send<Detail>('auth.logout', {}, options)
    } finally {
      await sender.session.clear()
    }
  },
})

export const sessions = (sender: Sender) => ({
  /** The caller's live sessions, newest first. */
  list: (options?: CallOptions): Promise<SessionList> => sender.send('sessions.list', {}, options),
  /** Ends one of them. */
  revoke: (id: string, options?: CallOptions): Promise<Detail> =>
    sender.send('sessions.revoke', { params: { id } }, options),
  /** Ends all but this one. */
  revokeOthers: (options?: CallOptions): Promise<SessionsRevoked> =>
    sender.send('sessions.revokeOthers', {}, options),
})

export const passwords = (sender: Sender) => ({
  /** Changes the caller's password; every other session ends. */
  change: (body: ChangePassword, options?: CallOptions): Promise<Detail> =>
    sender.send('passwords.change', { body }, options),
})
