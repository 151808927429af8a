export {
  createCoreClient,
  type ClientOptions,
  type ClientParts,
  type CoreClient,
  type Resource,
} from '../core-client.ts'
export { access } from '../resources/access.ts'
export { accounts } from '../resources/accounts.ts'
export { applications } from '../resources/applications.ts'
export { admins } from '../resources/admins.ts'
export { agents } from '../resources/agents.ts'
export { attachments } from '../resources/attachments.ts'
export { auth } from '../resources/auth.ts'
export { authzen } from '../resources/authzen.ts'
export { clients } from '../resources/clients.ts'
export { keys } from '../resources/keys.ts'
export { devices } from '../resources/devices.ts'
export { oauth } from '../resources/oauth.ts'
export { otp } from '../resources/otp.ts'
export { passwords } from '../resources/passwords.ts'
export { places } from '../resources/places.ts'
export { policies } from '../resources/policies.ts'
export { refreshKeys } from '../resources/refresh-keys.ts'
export { services } from '../resources/services.ts'
export { sessions } from '../resources/sessions.ts'
export { snapshots } from '../resources/snapshots.ts'
export { subclients } from '../resources/subclients.ts'
export { superadmins } from '../resources/superadmins.ts'
export { system } from '../resources/system.ts'
export { tokens } from '../resources/tokens.ts'
export { users } from '../resources/users.ts'
