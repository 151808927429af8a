import { Type } from 'typebox'
import { ApplicationId, closed, OtpCode, Password, PhoneInput, Username } from '../schema.ts'
import { Account } from './account.ts'
import { Token } from './token.ts'

/** The answer of every sign-in. */
export const SignedIn = closed(
  { detail: Type.String(), token: Token, account: Account },
  { title: 'SignedIn' },
)

/** The field that names the application, where one is named. */
export const applicationId = Type.Optional(ApplicationId)

/** Username and password, or number and one-time code; never both. */
export const Login = closed(
  {
    username: Type.Optional(Username),
    password: Type.Optional(Password),
    number: Type.Optional(PhoneInput),
    otp: Type.Optional(OtpCode),
    client_id: applicationId,
  },
  {
    title: 'Login',
    dependentRequired: { username: ['password'], password: ['username'], number: ['otp'], otp: ['number'] },
    oneOf: [{ required: ['username'] }, { required: ['number'] }],
  },
)
