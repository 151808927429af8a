import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createOtps } from '../../usecases/otp/send.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of one-time codes. */
export const createOtpHandlers = (deps: Deps) => {
  const otps = createOtps(deps)

  return {
    'otp.send': async ({ body, origin }) => {
      const sent = await otps.send({ number: body.number, applicationId: body.client_id, origin })
      return {
        status: 200,
        body: {
          detail: 'OTP sent successfully',
          expires_in: sent.expiresInSeconds,
          resend_after: sent.resendAfterSeconds,
        },
      }
    },
  } satisfies Partial<Handlers<Routes>>
}
