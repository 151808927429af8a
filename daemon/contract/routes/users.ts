import { route } from '../route.ts'
import { closed, OtpCode, PhoneInput } from '../schema.ts'
import { applicationId, SignedIn } from '../schemas/sign-in.ts'

/** `POST /auth/user/login`. */
export const loginUser = route({
  operationId: 'users.login',
  method: 'POST',
  path: '/auth/user/login',
  alias: '/auth/user/login/{number}/{otp}',
  tag: 'Sign-in',
  summary: 'Sign an end user in by phone and one-time code',
  description: 'The first verified code creates the account (201).',
  auth: 'none',
  body: closed({ number: PhoneInput, otp: OtpCode, client_id: applicationId }, { title: 'UserLogin' }),
  responses: {
    200: { description: 'Logged in successfully', schema: SignedIn },
    201: { description: 'Account created successfully', schema: SignedIn },
  },
  errors: ['invalid_phone', 'invalid_credentials', 'rate_limited'],
})
