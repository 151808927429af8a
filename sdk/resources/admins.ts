import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { signIn } from '../sign-in.ts'
import type { CallOptions } from '../transport.ts'
import type { CreatedAccount, Login, NewAdmin } from '../types.gen.ts'

/** The operations of admins. */
export const admins = (sender: Sender) => ({
  /** Creates an admin; this client stays who it is. */
  create: (body: NewAdmin, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.adminsCreate, { body }, options),
  /** Signs an admin in. The client holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.adminsLogin, body, options),
})
