import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import { signIn } from '../sign-in.ts'
import type { CallOptions } from '../transport.ts'
import type { Bootstrap, CreatedAccount, NewSuperAdmin, SuperAdminLogin } from '../types.gen.ts'

/** The operations of super-admins. */
export const superadmins = (sender: Sender) => ({
  /** Creates the first super-admin with the set-up token. The client holds the session. */
  bootstrap: async (body: Bootstrap, options?: CallOptions): Promise<CreatedAccount> => {
    const reply = await sender.send<CreatedAccount>(operations.superadminsBootstrap, { body }, options)
    if (reply.token !== undefined) await sender.session.adopt(reply.token, { account: reply.account })
    return reply
  },
  /** Creates another super-admin; this client stays who it is. */
  create: (body: NewSuperAdmin, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.superadminsCreate, { body }, options),
  /** Signs a super-admin in. The client holds the session. */
  login: (body: SuperAdminLogin, options?: CallOptions) =>
    signIn(sender, operations.superadminsLogin, body, options),
})
