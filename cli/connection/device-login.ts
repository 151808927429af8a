import { setTimeout as sleep } from 'node:timers/promises'
import { type AuthctlClient, isAuthctlError, type OAuthToken } from '@authctl/sdk'
import { tell } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'
import { localProblem } from '../problem.ts'
import { signedInBy } from './acting.ts'
import { keepSignIn, type SignedInAs } from './credentials.ts'
import type { Server } from './server.ts'
import { claimsOf } from './token.ts'

/** What the command line calls itself (RFC 8628). */
const CLIENT_ID = 'authctl-cli'
const GRANT = 'urn:ietf:params:oauth:grant-type:device_code'
const SLOWER_SECONDS = 5

const beginAgain = (code: string, message: string): never => {
  throw localProblem(code, message, 'Begin again with: authctl login --device', 'auth')
}

/** How many seconds to add to the pause before the next question; anything but "not yet" is thrown. */
const slowerBy = (error: unknown): number => {
  const code = isAuthctlError(error) ? error.code : ''
  switch (code) {
    case 'authorization_pending':
      return 0
    case 'slow_down':
    // A daemon that cannot be reached for a moment has not said no (RFC 8628 section 3.5).
    case 'timeout':
    case 'network':
    case 'temporarily_unavailable':
      return SLOWER_SECONDS
    case 'access_denied':
      return beginAgain('access_denied', 'somebody has decided not to let this device in')
    case 'expired_token':
      return beginAgain('expired_token', 'nobody has let this device in within the time')
    default:
      throw error
  }
}

/** Asks until somebody has decided, or the codes have expired. */
const waitForToken = async (
  client: AuthctlClient,
  codes: { device_code: string; interval: number; expires_in: number },
): Promise<OAuthToken> => {
  const until = performance.now() + codes.expires_in * 1000
  let { interval } = codes
  while (performance.now() < until) {
    await sleep(interval * 1000)
    try {
      const { device_code } = codes
      return await client.oauth.token({ grant_type: GRANT, client_id: CLIENT_ID, device_code })
    } catch (error) {
      interval += slowerBy(error)
    }
  }
  return beginAgain('expired_token', 'nobody has let this device in within the time')
}

/**
 * Signs in without a password here: shows where to type which code, waits until somebody has let this device
 * in, and keeps the session (RFC 8628).
 */
export const signInByDevice = async (
  client: AuthctlClient,
  server: Server,
): Promise<{ account: SignedInAs; expiresAt: string | null }> => {
  const codes = await client.oauth.authorizeDevice({ client_id: CLIENT_ID })
  tell(makeSafe(`On any device, open  ${codes.verification_uri}`))
  tell(makeSafe(`and type the code    ${codes.user_code}`))
  tell(makeSafe(`Or open  ${codes.verification_uri_complete}`))
  tell(`Waiting for up to ${Math.round(codes.expires_in / 60)} minutes; Ctrl-C gives up.`)
  const token = await waitForToken(client, codes)
  await client.session.set({
    accessToken: token.access_token,
    refreshToken: token.refresh_token,
    expiresAt: Date.now() + token.expires_in * 1000,
    clientId: CLIENT_ID,
  })
  const account = await signedInBy(client, token.access_token)
  keepSignIn(server, account, { session: { ...(await client.session.get()), account } })
  return { account, expiresAt: claimsOf(token.access_token).expiresAt }
}
