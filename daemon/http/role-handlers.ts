import type { Role } from '../domain/account.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'
import type { Principal } from '../domain/session.ts'
import { createAccounts } from '../usecases/accounts/accounts.ts'
import type { AccountDeps, NewAccount } from '../usecases/accounts/create.ts'
import type { SignInDeps } from '../usecases/sign-in/attempt.ts'
import { createSignIn, type SignInRequest } from '../usecases/sign-in/sign-in.ts'
import { createdReply } from './account-replies.ts'
import type { Reply } from './reply.ts'
import { toAccount, toToken } from './views.ts'

type LoginBody = Omit<SignInRequest, 'role' | 'origin' | 'applicationId'> & { client_id?: string }

/** The handler that signs accounts of one role in. */
export const createLoginHandler = (deps: SignInDeps, role: Role) => {
  const signIn = createSignIn(deps)
  return async ({ body, origin }: { body: LoginBody; origin: RequestOrigin }): Promise<Reply> => {
    const { client_id: applicationId, ...secrets } = body
    const { account, token, created } = await signIn({ ...secrets, applicationId, role, origin })
    return {
      status: created ? 201 : 200,
      body: {
        detail: created ? 'Account created successfully' : 'Logged in successfully',
        token: toToken(token),
        account: toAccount(account),
      },
    }
  }
}

type CreateBody = Omit<NewAccount, 'role'> & { issue_token?: boolean }

/**
 * The handler that creates accounts of one role; `noun` begins its answer, `parentField` is the body field
 * that names the parent.
 */
export const createCreateHandler = (
  deps: AccountDeps,
  { role, noun, parentField }: { role: NewAccount['role']; noun: string; parentField: string },
) => {
  const accounts = createAccounts(deps)
  return async (request: {
    caller: Principal
    body: CreateBody
    origin: RequestOrigin
    parentId?: string | undefined
  }): Promise<Reply> => {
    const { caller, body, origin, parentId } = request
    const { issue_token: issueToken = true, ...input } = body
    const result = await accounts.create({
      principal: caller,
      input: { ...input, role },
      parent: { field: parentField, id: parentId },
      issueToken,
      origin,
    })
    return createdReply(noun, result)
  }
}
