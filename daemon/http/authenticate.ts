import type { AuthMode } from '../contract/authentication.ts'
import { Failure } from '../domain/failure.ts'
import type { SignedIn } from '../domain/session.ts'
import type { Authenticate } from '../usecases/access/authenticate.ts'
import type { Caller } from './reply.ts'

/** `Bearer` in any case (RFC 9110, 11.1), one space, the token: nothing laxer (C6). */
export const bearerToken = (header: string | undefined): string => {
  const [, token] = /^bearer ([^\s,]+)$/i.exec(header ?? '') ?? []
  if (token !== undefined) return token
  if (header === undefined || !/^bearer/i.test(header)) throw new Failure('authentication_required')
  throw new Failure('invalid_token', { reason: 'malformed_header' })
}

/**
 * The caller in the way the route asks for; throws `authentication_required`, `invalid_token` or `forbidden`.
 * A refresh token, and an application's proof, are judged by their use cases.
 */
export const createAuthenticateRequest = (authenticate: Authenticate) => {
  /** What concerns somebody's own sign-in is not for applications. Throws `forbidden`. */
  const signedIn = async (header: string | undefined, ignoreExpiry: boolean): Promise<SignedIn> => {
    const caller = await authenticate(bearerToken(header), { ignoreExpiry })
    if (caller.application === null) return caller
    throw new Failure('forbidden', {
      detail: 'This is for accounts that have signed in themselves: an application has no session.',
      reason: `not for ${caller.application.id}`,
    })
  }

  const callers: {
    readonly [A in AuthMode]: (header: string | undefined) => Caller<A> | Promise<Caller<A>>
  } = {
    none: () => undefined,
    access: (header) => authenticate(bearerToken(header), { ignoreExpiry: false }),
    session: (header) => signedIn(header, false),
    'expired-access': (header) => signedIn(header, true),
    refresh: (header) => ({ refreshToken: bearerToken(header) }),
    client: (authorization) => ({ authorization }),
  }
  return async <A extends AuthMode>(mode: A, header: string | undefined): Promise<Caller<A>> =>
    callers[mode](header)
}
