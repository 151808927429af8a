import * as operations from '../operations.gen.ts'
import type { Operation } from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  Bootstrap,
  CreatedAccount,
  Login,
  NewAdmin,
  NewClient,
  NewSubClient,
  NewSuperAdmin,
  SignedIn,
  SuperAdminLogin,
  UserLogin,
} from '../types.gen.ts'

/** Signs in and holds the session from then on. */
const signIn = async (
  sender: Sender,
  operation: Operation,
  body: { readonly client_id?: string | undefined },
  options?: CallOptions,
): Promise<SignedIn> => {
  const named = { client_id: sender.clientId, ...body }
  const reply = await sender.send<SignedIn>(operation, { body: named }, options)
  await sender.session.adopt(reply.token, { account: reply.account, clientId: named.client_id })
  return reply
}

export const users = (sender: Sender) => ({
  /** Signs an end user in by phone and code; the first time creates the account. The client holds the session. */
  login: (body: UserLogin, options?: CallOptions) => signIn(sender, operations.usersLogin, body, options),
})

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

export const admins = (sender: Sender) => ({
  /** Creates an admin; this client stays who it is. */
  create: (body: NewAdmin, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.adminsCreate, { body }, options),
  /** Signs an admin in. The client holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.adminsLogin, body, options),
})

export const clients = (sender: Sender) => ({
  /** Creates a client; this client object stays who it is. */
  create: (body: NewClient, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.clientsCreate, { body }, options),
  /** Signs a client in. The client object holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.clientsLogin, body, options),
})

export const subclients = (sender: Sender) => ({
  /** Creates a sub-client; this client stays who it is. */
  create: (body: NewSubClient, options?: CallOptions): Promise<CreatedAccount> =>
    sender.send(operations.subclientsCreate, { body }, options),
  /** Signs a sub-client in. The client holds the session. */
  login: (body: Login, options?: CallOptions) => signIn(sender, operations.subclientsLogin, body, options),
})
