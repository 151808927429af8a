import type { Routes } from '../contract/routes.ts'
import type { AccountDeps } from '../usecases/accounts/create.ts'
import { createAccessHandlers } from './handlers/access.ts'
import { createAccountHandlers } from './handlers/accounts.ts'
import { createPlaceHandlers } from './handlers/places.ts'
import { createPolicyHandlers } from './handlers/policies.ts'
import { createSessionHandlers } from './handlers/sessions.ts'
import { createSignInHandlers } from './handlers/sign-in.ts'
import { createSystemHandlers, type Lifecycle } from './handlers/system.ts'
import { createTokenHandlers } from './handlers/tokens.ts'
import type { Handlers } from './reply.ts'

/** The handler of every route; one that is missing or has no route does not compile. */
export const createHandlers = ({
  deps,
  lifecycle,
  publicUrl,
}: {
  deps: AccountDeps
  lifecycle: Lifecycle
  publicUrl: () => string
}) =>
  ({
    ...createSystemHandlers({ store: deps.store, lifecycle, publicUrl }),
    ...createSignInHandlers(deps),
    ...createAccountHandlers(deps),
    ...createTokenHandlers(deps),
    ...createSessionHandlers(deps),
    ...createPolicyHandlers(deps),
    ...createAccessHandlers(deps),
    ...createPlaceHandlers(deps),
  }) satisfies Handlers<Routes>
