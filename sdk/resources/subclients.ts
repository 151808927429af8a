import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { signIn } from '../sign-in.ts'
import type { CallOptions } from '../transport.ts'
import type { CreatedAccount, Login, NewSubClient } from '../types.gen.ts'

/** The operations of sub-clients. */
export const subclients = (sender: Sender) => ({
  /** Creates a sub-client; this client stays who it is. */
  create: (body: NewSubClient, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.subclientsCreate, { body }, options),
  /** Signs a sub-client in. The client holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.subclientsLogin, body, options),
})
