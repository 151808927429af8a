import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, PhoneInput } from '../schema.ts'
import { applicationId } from '../schemas/sign-in.ts'

/** `POST /auth/otp/send`. */
export const sendOtp = route({
  operationId: 'otp.send',
  method: 'POST',
  path: '/auth/otp/send',
  alias: '/auth/otp/sendotp/{number}',
  tag: 'Sign-in',
  summary: 'Send a one-time code to a phone',
  description:
    'The answer is the same whether or not the number is known, and does not wait for the SMS provider. A new code replaces the previous one; tries are not reset by a resend.',
  auth: 'none',
  body: closed({ number: PhoneInput, client_id: applicationId }, { title: 'SendOtp' }),
  responses: {
    200: {
      description: 'The code is on its way',
      schema: closed(
        {
          detail: Type.String(),
          expires_in: Type.Integer({ description: 'Life of the code in seconds' }),
          resend_after: Type.Integer({ description: 'Seconds until another code may be asked for' }),
        },
        { title: 'OtpSent' },
      ),
    },
  },
  errors: ['invalid_phone', 'phone_not_served', 'rate_limited'],
})
