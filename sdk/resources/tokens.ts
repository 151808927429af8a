import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { hasToken } from '../session-keeper.ts'
import type { Session } from '../storage.ts'
import type { CallOptions } from '../transport.ts'
import type { RegenerateToken, TokenReply } from '../types.gen.ts'

/** The operations of tokens. */
export const tokens = (sender: Sender) => ({
  /** Refreshes the session now; calls that run at the same time share one refresh. */
  refresh: (options?: Pick<CallOptions, 'signal' | 'deadlineMs'>): Promise<Session> =>
    sender.refresh(options),
  /**
   * Renews the session with the refresh key and the held access token, which may have expired. No SMS is
   * sent.
   */
  regenerate: async (body: RegenerateToken, options?: CallOptions): Promise<TokenReply> => {
    const reply = await sender.send<TokenReply>(
      operations.tokensRegenerate,
      { body, isOwn: hasToken },
      options,
    )
    await sender.session.adopt(reply.token)
    return reply
  },
})
