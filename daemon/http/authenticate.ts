import type { AuthMode } from '../contract/route.ts'
import { Failure } from '../domain/failure.ts'
import type { Authenticate } from '../usecases/access/authenticate.ts'
import type { Caller } from './reply.ts'

/** `Bearer`, one space, the token: nothing laxer (security.md C6). */
const bearerToken = (header: string | undefined): string => {
  if (header === undefined || !header.startsWith('Bearer')) throw new Failure('authentication_required')
  const [, token] = /^Bearer ([^\s,]+)$/.exec(header) ?? []
  if (token === undefined) throw new Failure('invalid_token', { reason: 'malformed_header' })
  return token
}

/** The caller in the way the route asks for; throws `authentication_required` or `invalid_token`. A refresh token is judged by its use case. */
export const createAuthenticateRequest =
  (authenticate: Authenticate) =>
  async (mode: AuthMode, header: string | undefined): Promise<Caller<AuthMode>> => {
    if (mode === 'none') return undefined
    const token = bearerToken(header)
    if (mode === 'refresh') return { refreshToken: token }
    return authenticate(token, { ignoreExpiry: mode === 'expired-access' })
  }
