import type { Routes } from '../contract/routes.ts'
import type { AccountDeps } from '../usecases/accounts/create.ts'
import type { Deps } from '../usecases/deps.ts'
import { createAccessHandlers } from './handlers/access.ts'
import { createAccountHandlers } from './handlers/accounts.ts'
import { createAdminHandlers } from './handlers/admins.ts'
import { createAgentHandlers } from './handlers/agents.ts'
import { createApplicationHandlers } from './handlers/applications.ts'
import { createAttachmentHandlers } from './handlers/attachments.ts'
import { createAuthHandlers } from './handlers/auth.ts'
import { createClientHandlers } from './handlers/clients.ts'
import { createDeviceHandlers } from './handlers/devices.ts'
import { createKeyHandlers } from './handlers/keys.ts'
import { createAuthzenHandlers } from './handlers/authzen.ts'
import { createOauthHandlers } from './handlers/oauth.ts'
import { createOtpHandlers } from './handlers/otp.ts'
import { createPasswordHandlers } from './handlers/passwords.ts'
import { createPlaceHandlers } from './handlers/places.ts'
import { createPolicyHandlers } from './handlers/policies.ts'
import { createRefreshKeyHandlers } from './handlers/refresh-keys.ts'
import { createServiceHandlers } from './handlers/services.ts'
import { createSessionHandlers } from './handlers/sessions.ts'
import { createSnapshotHandlers } from './handlers/snapshots.ts'
import { createSubClientHandlers } from './handlers/subclients.ts'
import { createSuperAdminHandlers } from './handlers/superadmins.ts'
import { createSystemHandlers, type Lifecycle } from './handlers/system.ts'
import { createTokenHandlers } from './handlers/tokens.ts'
import { createUserHandlers } from './handlers/users.ts'
import type { Handlers } from './reply.ts'

/** The handler of every route; one that is missing or has no route does not compile. */
export const createHandlers = ({
  deps,
  lifecycle,
  publicUrl,
}: {
  deps: AccountDeps & Deps
  lifecycle: Lifecycle
  publicUrl: () => string
}) =>
  ({
    ...createSystemHandlers({ store: deps.store, lifecycle, publicUrl }),
    ...createOtpHandlers(deps),
    ...createUserHandlers(deps),
    ...createSuperAdminHandlers(deps),
    ...createAdminHandlers(deps),
    ...createClientHandlers(deps),
    ...createSubClientHandlers(deps),
    ...createRefreshKeyHandlers(deps),
    ...createTokenHandlers(deps),
    ...createKeyHandlers(deps),
    ...createOauthHandlers(deps, publicUrl),
    ...createDeviceHandlers(deps),
    ...createPasswordHandlers(deps),
    ...createAuthHandlers(deps),
    ...createSessionHandlers(deps),
    ...createAccountHandlers(deps),
    ...createApplicationHandlers(deps),
    ...createPolicyHandlers(deps),
    ...createAttachmentHandlers(deps),
    ...createSnapshotHandlers(deps),
    ...createAgentHandlers(deps),
    ...createServiceHandlers(deps),
    ...createAccessHandlers(deps),
    ...createAuthzenHandlers(deps, { issuer: deps.signer.issuer, publicUrl }),
    ...createPlaceHandlers(deps),
  }) satisfies Handlers<Routes>
