import { createCoreClient, type ClientOptions, type CoreClient } from './core-client.ts'
import { access } from './resources/access.ts'
import { accounts } from './resources/accounts.ts'
import { admins } from './resources/admins.ts'
import { agents } from './resources/agents.ts'
import { applications } from './resources/applications.ts'
import { attachments } from './resources/attachments.ts'
import { auth } from './resources/auth.ts'
import { authzen } from './resources/authzen.ts'
import { clients } from './resources/clients.ts'
import { devices } from './resources/devices.ts'
import { keys } from './resources/keys.ts'
import { oauth } from './resources/oauth.ts'
import { otp } from './resources/otp.ts'
import { passwords } from './resources/passwords.ts'
import { places } from './resources/places.ts'
import { policies } from './resources/policies.ts'
import { refreshKeys } from './resources/refresh-keys.ts'
import { services } from './resources/services.ts'
import { sessions } from './resources/sessions.ts'
import { snapshots } from './resources/snapshots.ts'
import { subclients } from './resources/subclients.ts'
import { superadmins } from './resources/superadmins.ts'
import { system } from './resources/system.ts'
import { tokens } from './resources/tokens.ts'
import { users } from './resources/users.ts'

const resources = {
  system,
  otp,
  users,
  superadmins,
  admins,
  clients,
  subclients,
  auth,
  passwords,
  tokens,
  refreshKeys,
  keys,
  oauth,
  devices,
  sessions,
  snapshots,
  agents,
  accounts,
  applications,
  policies,
  attachments,
  services,
  access,
  authzen,
  places,
}

/** A typed client of one daemon. It holds at most one session and refreshes it by itself. */
export type AuthctlClient = CoreClient<typeof resources>

/**
 * Makes a client of every operation. Nothing is sent before the first call; tokens never show in its printed
 * or serialised form. Throws `TypeError` for a `baseUrl` that is none, `ArgumentError` for a
 * number that is none or too low, and `UnsupportedPlatformError`.
 */
export const createClient = (options: ClientOptions): AuthctlClient => createCoreClient(options, resources)
