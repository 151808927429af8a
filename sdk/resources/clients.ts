import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { signIn } from '../sign-in.ts'
import type { CallOptions } from '../transport.ts'
import type { CreatedAccount, Login, NewClient } from '../types.gen.ts'

/** The operations of clients. */
export const clients = (sender: Sender) => ({
  /** Creates a client; this client object stays who it is. */
  create: (body: NewClient, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.clientsCreate, { body }, options),
  /** Signs a client in. The client object holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.clientsLogin, body, options),
})
