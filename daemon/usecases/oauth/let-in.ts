import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Authenticate } from '../access/authenticate.ts'
import { catchUp, type Authorize } from '../access/authorize.ts'
import type { Deps } from '../deps.ts'
import { createSessions } from '../sessions/sessions.ts'
import type { SignInDeps } from '../sign-in/attempt.ts'
import { createSignIn, type SignInRequest } from '../sign-in/sign-in.ts'
import { createDevices, type DeviceDeps, type WaitingDevice } from './devices.ts'

/** The action that lets a device in; the route `devices.decide` has the same. */
const ACTION = 'authctl:DecideDevice'

/** Somebody signs in to let a device in. */
export interface LetInRequest {
  readonly waiting: WaitingDevice
  readonly credentials: Omit<SignInRequest, 'origin' | 'applicationId'>
  readonly origin: RequestOrigin
}

/**
 * Lets a device in for somebody who signs in for that alone: with the limits of every sign-in, as the
 * policies allow, and with a session that ends at once. Throws what a sign-in does, `forbidden` and
 * `not_found`.
 */
export const createLetIn = (
  deps: SignInDeps & DeviceDeps & Pick<Deps, 'policies'>,
  { authenticate, authorize }: { authenticate: Authenticate; authorize: Authorize },
) => {
  const signIn = createSignIn(deps)
  const sessions = createSessions(deps)
  const devices = createDevices(deps)
  return async ({ waiting, credentials, origin }: LetInRequest): Promise<void> => {
    const { applicationId } = waiting.device
    const { token } = await signIn({ ...credentials, applicationId, origin })
    const caller = await authenticate(token.accessToken, { ignoreExpiry: false })
    if (caller.application !== null) throw new Failure('forbidden', { reason: 'application' })
    try {
      await catchUp(deps.policies, caller)
      authorize({ principal: caller, action: ACTION, resource: `account/${caller.account.path}`, origin })
      await devices.decide({ waiting, decision: 'approve', caller, origin })
    } finally {
      await sessions.logout({ principal: caller, origin })
    }
  }
}

/** Signs in to let a device in. */
export type LetIn = ReturnType<typeof createLetIn>
