import { Type } from 'typebox'
import { Account } from './accounts.ts'
import { route } from './route.ts'
import { ClientId, closed, OtpCode, Password, PhoneInput, Username } from './schema.ts'
import { Token } from './tokens.ts'

/** The answer of every sign-in. */
export const SignedIn = closed(
  { detail: Type.String(), token: Token, account: Account },
  { title: 'SignedIn' },
)

const clientId = Type.Optional(ClientId)

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
  action: 'authctl:SendOtp',
  resource: 'otp/any',
  body: closed({ number: PhoneInput, client_id: clientId }, { title: 'SendOtp' }),
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
  errors: ['invalid_phone', 'rate_limited'],
})

export const loginUser = route({
  operationId: 'users.login',
  method: 'POST',
  path: '/auth/user/login',
  alias: '/auth/user/login/{number}/{otp}',
  tag: 'Sign-in',
  summary: 'Sign an end user in by phone and one-time code',
  description: 'The first verified code creates the account (201).',
  auth: 'none',
  action: 'authctl:SignIn',
  resource: 'account/user',
  body: closed({ number: PhoneInput, otp: OtpCode, client_id: clientId }, { title: 'UserLogin' }),
  responses: {
    200: { description: 'Logged in successfully', schema: SignedIn },
    201: { description: 'Account created successfully', schema: SignedIn },
  },
  errors: ['invalid_phone', 'invalid_credentials', 'rate_limited'],
})

/** Username and password, or number and one-time code; never both. */
const Login = closed(
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

const loginRoute = <const Id extends string, const P extends string>(
  operationId: Id,
  path: P,
  noun: string,
) =>
  ({
    operationId,
    method: 'POST',
    path,
    tag: 'Sign-in',
    summary: `Sign ${noun} in by username and password, or by phone and one-time code`,
    auth: 'none',
    action: 'authctl:SignIn',
    resource: `account/${noun.split(' ').pop()}`,
    body: Login,
    responses: { 200: { description: 'Logged in successfully', schema: SignedIn } },
    errors: ['invalid_phone', 'invalid_credentials', 'overloaded', 'rate_limited'],
  }) as const

export const loginAdmin = route(loginRoute('admins.login', '/auth/admin/login', 'an admin'))
export const loginClient = route(loginRoute('clients.login', '/auth/client/login', 'a client'))
export const loginSubClient = route(loginRoute('subclients.login', '/auth/subclient/login', 'a sub-client'))

export const loginSuperAdmin = route({
  operationId: 'superadmins.login',
  method: 'POST',
  path: '/auth/superadmin/login',
  tag: 'Sign-in',
  summary: 'Sign a super-admin in by username and password',
  auth: 'none',
  action: 'authctl:SignIn',
  resource: 'account/super-admin',
  body: closed({ username: Username, password: Password, client_id: clientId }, { title: 'SuperAdminLogin' }),
  responses: { 200: { description: 'Logged in successfully', schema: SignedIn } },
  errors: ['invalid_credentials', 'overloaded', 'rate_limited'],
})

export const changePassword = route({
  operationId: 'passwords.change',
  method: 'POST',
  path: '/auth/password/change',
  tag: 'Sign-in',
  summary: "Change the caller's password",
  description: 'Needs the current one. Ends every other session and the refresh key of the account.',
  auth: 'access',
  action: 'authctl:ChangePassword',
  resource: 'account/${caller.path}',
  body: closed({ current_password: Password, new_password: Password }, { title: 'ChangePassword' }),
  responses: {
    200: { description: 'Changed', schema: closed({ detail: Type.String() }, { title: 'Detail' }) },
  },
  errors: ['invalid_credentials', 'password_unacceptable', 'overloaded', 'rate_limited'],
})
