import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { Session } from '../session.ts'
import type { CallOptions } from '../transport.ts'
import type { Detail, JwkSet, NewRefreshKey, RegenerateToken, TokenReply } from '../types.gen.ts'

export const tokens = (sender: Sender) => ({
  /** Refreshes the session now; calls that run at the same time share one refresh. */
  refresh: (options?: Pick<CallOptions, 'signal' | 'deadlineMs'>): Promise<Session> =>
    sender.refresh(options),
  /** Renews the session with the refresh key and the held access token, which may have expired. No SMS is sent. */
  regenerate: async (body: RegenerateToken, options?: CallOptions): Promise<TokenReply> => {
    const reply = await sender.send<TokenReply>(operations.tokensRegenerate, { body }, options)
    await sender.session.adopt(reply.token)
    return reply
  },
})

export const refreshKeys = (sender: Sender) => ({
  /** Sets the caller's refresh key; changing it needs `old_key`. */
  set: (body: NewRefreshKey, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.refreshKeysSet, { body }, options),
})

export const keys = (sender: Sender) => ({
  /** The public keys that verify access tokens. */
  jwks: (options?: CallOptions): Promise<JwkSet> => sender.send(operations.keysJwks, {}, options),
})
