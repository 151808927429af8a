import type { Operation } from './operations.gen.ts'
import type { Sender } from './sender.ts'
import { hasToken } from './session-keeper.ts'
import type { CallOptions } from './transport.ts'
import type { SignedIn } from './types.gen.ts'

/** Signs in and holds the session from then on. */
export const signIn = async (
  sender: Sender,
  operation: Operation,
  body: { readonly client_id?: string | undefined },
  options?: CallOptions,
): Promise<SignedIn> => {
  const named = { client_id: sender.clientId, ...body }
  const reply = await sender.send<SignedIn>(operation, { body: named, isOwn: hasToken }, options)
  await sender.session.adopt(reply.token, { account: reply.account, clientId: named.client_id })
  return reply
}
