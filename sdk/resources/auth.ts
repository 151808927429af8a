import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Account, Detail } from '../types.gen.ts'

/** The operations of the caller itself. */
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
