import { CreatedAccount } from './schemas/account.ts'
import { Login, SignedIn } from './schemas/sign-in.ts'

/** The route that signs accounts of a role in by either way. */
export const loginRoute = <const Id extends string, const P extends string>(
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
    body: Login,
    responses: { 200: { description: 'Logged in successfully', schema: SignedIn } },
    errors: ['invalid_phone', 'invalid_credentials', 'overloaded', 'rate_limited'],
  }) as const

const CREATE_ERRORS = [
  'account_exists',
  'invalid_phone',
  'password_unacceptable',
  'overloaded',
  'invariant_broken',
] as const

/** The parent and the policies that the body names may be none that the caller can see, or has itself. */
export const CREATE_BELOW_ERRORS = [
  ...CREATE_ERRORS,
  'not_found',
  'exceeds_ceiling',
  'limit_reached',
] as const

/** The route that creates accounts of a role. */
export const createRoute = <
  const T extends { operationId: string; path: string; action: `${string}:${string}`; noun: string },
  const B,
>(
  spec: T & { body: B; description: string },
) =>
  ({
    operationId: spec.operationId as T['operationId'],
    method: 'POST',
    path: spec.path,
    tag: 'Accounts',
    summary: `Create a ${spec.noun}`,
    description: spec.description,
    auth: 'access',
    action: spec.action,
    resource: 'account/${caller.path}',
    body: spec.body,
    idempotent: true,
    responses: {
      201: {
        description: `The ${spec.noun}, signed in unless \`issue_token\` is false`,
        schema: CreatedAccount,
      },
    },
    errors: CREATE_ERRORS,
  }) as const
