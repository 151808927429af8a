import * as access from './access.ts'
import * as accounts from './accounts.ts'
import * as places from './places.ts'
import * as policies from './policies.ts'
import type { Route } from './route.ts'
import * as sessions from './sessions.ts'
import * as signIn from './sign-in.ts'
import * as system from './system.ts'
import * as tokens from './tokens.ts'

/** The one route table, by operation id. Everything that speaks of the API derives from it. */
export const routes = {
  'system.info': system.getInfo,
  'system.health': system.getHealth,
  'system.ready': system.getReadiness,
  'otp.send': signIn.sendOtp,
  'users.login': signIn.loginUser,
  'superadmins.bootstrap': accounts.bootstrap,
  'superadmins.create': accounts.createSuperAdmin,
  'superadmins.login': signIn.loginSuperAdmin,
  'admins.create': accounts.createAdmin,
  'admins.login': signIn.loginAdmin,
  'clients.create': accounts.createClientAccount,
  'clients.login': signIn.loginClient,
  'subclients.create': accounts.createSubClient,
  'subclients.login': signIn.loginSubClient,
  'refreshKeys.set': tokens.setRefreshKey,
  'tokens.regenerate': tokens.regenerateToken,
  'tokens.refresh': tokens.refreshToken,
  'keys.jwks': tokens.getJwks,
  'passwords.change': signIn.changePassword,
  'auth.me': sessions.getMe,
  'auth.logout': sessions.logout,
  'sessions.list': sessions.listSessions,
  'sessions.revoke': sessions.revokeSession,
  'sessions.revokeOthers': sessions.revokeOtherSessions,
  'accounts.list': accounts.listAccounts,
  'accounts.get': accounts.getAccount,
  'accounts.disable': accounts.disableAccount,
  'accounts.enable': accounts.enableAccount,
  'accounts.update': accounts.updateAccount,
  'accounts.delete': accounts.deleteAccount,
  'accounts.sessions': sessions.listAccountSessions,
  'accounts.revokeSessions': sessions.revokeAccountSessions,
  'policies.list': policies.listPolicies,
  'policies.get': policies.getPolicy,
  'policies.put': policies.putPolicy,
  'policies.delete': policies.deletePolicy,
  'policies.attach': policies.attachPolicy,
  'policies.detach': policies.detachPolicy,
  'policies.setBoundary': policies.setBoundary,
  'policies.schema': policies.getSchema,
  'attachments.get': policies.getAttachments,
  'attachments.put': policies.putAttachments,
  'services.list': policies.listServices,
  'services.put': policies.putService,
  'services.delete': policies.deleteService,
  'access.check': access.checkAccess,
  'access.checkBatch': access.checkAccessBatch,
  'access.explain': access.explainAccess,
  'access.whoCan': access.whoCan,
  'places.import': places.importPlaces,
  'places.all': places.allPlaces,
  'places.list': places.listPlaces,
  'places.get': places.getPlace,
} as const satisfies { [id: string]: Route }

export type Routes = typeof routes
