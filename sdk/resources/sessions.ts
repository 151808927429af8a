import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Detail, SessionList, SessionsRevoked } from '../types.gen.ts'

/** The operations of the caller's sessions. */
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
