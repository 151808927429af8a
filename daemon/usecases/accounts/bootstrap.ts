import { usernameKey } from '../../domain/username.ts'
import { type Account } from '../../domain/account.ts'
import { Failure } from '../../domain/failure.ts'
import { originFields } from '../audit.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { DEFAULT_APPLICATION_ID, type CoreDeps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import { orFail } from '../store-failures.ts'
import { openSession, type SessionDeps } from '../sessions/open.ts'
import { buildAccount, identifiersOf, type CreatedAccount } from './create.ts'

/** What a person gives to become the first super-admin. */
export interface SuperAdminInput {
  readonly name: string
  readonly username: string
  readonly password: string
}

/** What making the first super-admin needs. */
type BootstrapDeps = Pick<
  CoreDeps,
  'store' | 'clock' | 'random' | 'hasher' | 'settings' | 'setupToken' | 'audit'
>

/**
 * Creates the first super-admin; the store lets one caller through. Without an origin it is done on the host.
 * Throws `already_bootstrapped`.
 */
export const insertFirstSuperAdmin = async (
  deps: BootstrapDeps,
  fields: SuperAdminInput,
  origin?: RequestOrigin,
): Promise<Account> => {
  const input = { ...fields, role: 'super-admin' } as const
  const identifiers = identifiersOf(deps, input)
  const account = await buildAccount(deps, { input, identifiers, parent: null })
  await orFail(deps.store.accounts.insertFirstSuperAdmin(account), { conflict: 'already_bootstrapped' })
  deps.setupToken.discard()
  deps.audit.record({
    event: 'bootstrap',
    outcome: 'success',
    targetId: account.id,
    role: account.role,
    ...(origin && originFields(origin)),
  })
  return account
}

/** The first super-admin, made now or before. */
export interface Bootstrapped {
  readonly outcome: 'created' | 'exists'
  readonly account: { readonly id: string; readonly username: string }
}

const bootstrapped = (outcome: Bootstrapped['outcome'], { id, username }: Account): Bootstrapped => ({
  outcome,
  account: { id, username: username ?? '' },
})

/**
 * The super-admin of this username, if there is one. Throws `already_bootstrapped` where there are others
 * only.
 */
export const findBootstrapped = async (
  { store }: Pick<CoreDeps, 'store'>,
  username: string,
): Promise<Bootstrapped | undefined> => {
  const existing = await store.accounts.findByUsername('super-admin', usernameKey(username))
  if (existing !== undefined) return bootstrapped('exists', existing)
  if (await store.accounts.hasSuperAdmin()) throw new Failure('already_bootstrapped')
  return undefined
}

/** The first super-admin, on the host: made once, and found when it is asked for again. */
export const bootstrapOnHost = async (deps: BootstrapDeps, input: SuperAdminInput): Promise<Bootstrapped> =>
  (await findBootstrapped(deps, input.username)) ??
  bootstrapped('created', await insertFirstSuperAdmin(deps, input))

/** Super-admins, as far as they are made otherwise than other accounts. */
export const createSuperAdmins = (deps: BootstrapDeps & SessionDeps) => {
  /** Creates the first super-admin for the holder of the set-up token. */
  const bootstrap = async (
    request: SuperAdminInput & { setupToken: string; origin: RequestOrigin },
  ): Promise<CreatedAccount> => {
    const { origin } = request
    await takeLimits(deps, [RATE_LIMITS.bootstrapFrom(origin.ip)], origin)
    if (await deps.store.accounts.hasSuperAdmin()) throw new Failure('already_bootstrapped')
    if (!deps.setupToken.matches(request.setupToken, deps.clock.now())) {
      deps.audit.record({
        event: 'bootstrap',
        outcome: 'failure',
        reason: 'wrong_setup_token',
        ...originFields(origin),
      })
      throw new Failure('invalid_setup_token')
    }
    const account = await insertFirstSuperAdmin(deps, request, origin)
    const { token } = await openSession(deps, { account, applicationId: DEFAULT_APPLICATION_ID, origin })
    return { account, token }
  }

  return { bootstrap }
}
