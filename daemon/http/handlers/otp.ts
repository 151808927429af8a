import type { Routes } from '../../contract/routes.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createSendOtp } from '../../usecases/otp/send.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of one-time codes. */
export const createOtpHandlers = (deps: Deps) => {
  const sendOtp = createSendOtp(deps)

  return {
    'otp.send': async ({ body, origin }) => {
      const sent = await sendOtp({ number: body.number, applicationId: body.client_id, origin })
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
