import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { signIn } from '../sign-in.ts'
import type { CallOptions } from '../transport.ts'
import type { UserLogin } from '../types.gen.ts'

/** The operations of end users. */
export const users = (sender: Sender) => ({
  /**
   * Signs an end user in by phone and code; the first time creates the account. The client holds the session.
   */
  login: (body: UserLogin, options?: CallOptions) => signIn(sender, operations.usersLogin, body, options),
})
