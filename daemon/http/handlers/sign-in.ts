import type { Routes } from '../../contract/routes.ts'
import type { Role } from '../../domain/account.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createSendOtp } from '../../usecases/otp/send.ts'
import { createChangePassword } from '../../usecases/sessions/passwords.ts'
import { createSignIn, type SignInRequest } from '../../usecases/sign-in/sign-in.ts'
import type { Handlers, Reply } from '../reply.ts'
import { toAccount, toToken } from '../views.ts'

type LoginBody = Omit<SignInRequest, 'role' | 'origin' | 'clientId'> & { client_id?: string }

export const createSignInHandlers = (deps: Deps) => {
  const sendOtp = createSendOtp(deps)
  const signIn = createSignIn(deps)
  const changePassword = createChangePassword(deps)

  const login = async (
    role: Role,
    { body, origin }: { body: LoginBody; origin: RequestOrigin },
  ): Promise<Reply> => {
    const { client_id: clientId, ...secrets } = body
    const { account, token, created } = await signIn({ ...secrets, clientId, role, origin })
    return {
      status: created ? 201 : 200,
      body: {
        detail: created ? 'Account created successfully' : 'Logged in successfully',
        token: toToken(token),
        account: toAccount(account),
      },
    }
  }

  return {
    'otp.send': async ({ body, origin }) => {
      const sent = await sendOtp({ number: body.number, clientId: body.client_id, origin })
      return {
        status: 200,
        body: {
          detail: 'OTP sent successfully',
          expires_in: sent.expiresInSeconds,
          resend_after: sent.resendAfterSeconds,
        },
      }
    },
    'users.login': (request) => login('user', request),
    'superadmins.login': (request) => login('super-admin', request),
    'admins.login': (request) => login('admin', request),
    'clients.login': (request) => login('client', request),
    'subclients.login': (request) => login('sub-client', request),
    'passwords.change': async ({ caller, body, origin }) => {
      await changePassword({
        principal: caller,
        currentPassword: body.current_password,
        newPassword: body.new_password,
        origin,
      })
      return { status: 200, body: { detail: 'Password changed; every other session has ended' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
