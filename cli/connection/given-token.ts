import { usageProblem } from '../problem.ts'
import { type ConnectFlags, openClient } from './client.ts'
import { signedInBy } from './acting.ts'
import { keepSignIn, type SignedInAs } from './credentials.ts'
import type { Server } from './server.ts'
import { claimsOf, requireOwnToken } from './token.ts'

/**
 * Keeps an access token that was given, once its server has taken it. It cannot be renewed: it is of use
 * until it expires. Throws `Problem` `usage` for what is no token.
 */
export const keepToken = async (
  token: string,
  server: Server,
  flags: Pick<ConnectFlags, 'timeout' | 'debug'>,
): Promise<{ account: SignedInAs; expiresAt: string | null }> => {
  const claims = claimsOf(token)
  if (claims.subject === null)
    throw usageProblem(
      'what was read is no access token',
      'It has three parts with dots between, and begins with eyJ.',
    )
  requireOwnToken({ kind: 'what was read', token }, server)
  const client = openClient(server.url, flags, { accessToken: token })
  const account = await signedInBy(client, token)
  keepSignIn(server, account, { session: { accessToken: token } })
  return { account, expiresAt: claims.expiresAt }
}
