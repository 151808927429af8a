import { Type } from 'typebox'
import { ClientId, closed, OtpCode, Password, PhoneInput, Username } from '../schema.ts'
import { Account } from './account.ts'
import { Token } from './token.ts'

/** The answer of every sign-in. */
export const SignedIn = closed(
  { detail: Type.String(), token: Token, account: Account },
  { title: 'SignedIn' },
)

export const clientId = Type.Optional(ClientId)

/** Username and password, or number and one-time code; never both. */
export const Login = closed(
  {
    username: Type.Optional(Username),
    password: Type.Optional(Password),
    number: Type.Optional(PhoneInput),
    otp: Type.Optional(OtpCode),
    client_id: clientId,
  },
  {
    title: 'Login',
    dependentRequired: { username: ['password'], password: ['username'], number: ['otp'], otp: ['number'] },
    oneOf: [{ required: ['username'] }, { required: ['number'] }],
  },
)
