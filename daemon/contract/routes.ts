import type { Route } from './route.ts'
import * as access from './routes/access.ts'
import * as accounts from './routes/accounts.ts'
import * as admins from './routes/admins.ts'
import * as agents from './routes/agents.ts'
import * as applications from './routes/applications.ts'
import * as attachments from './routes/attachments.ts'
import * as auth from './routes/auth.ts'
import * as clients from './routes/clients.ts'
import * as devices from './routes/devices.ts'
import * as keys from './routes/keys.ts'
import * as authzen from './routes/authzen.ts'
import * as oauth from './routes/oauth.ts'
import * as otp from './routes/otp.ts'
import * as passwords from './routes/passwords.ts'
import * as places from './routes/places.ts'
import * as policies from './routes/policies.ts'
import * as refreshKeys from './routes/refresh-keys.ts'
import * as services from './routes/services.ts'
import * as sessions from './routes/sessions.ts'
import * as snapshots from './routes/snapshots.ts'
import * as subclients from './routes/subclients.ts'
import * as superadmins from './routes/superadmins.ts'
import * as system from './routes/system.ts'
import * as tokens from './routes/tokens.ts'
import * as users from './routes/users.ts'

/** The one route table, by operation id. Everything that speaks of the API derives from it. */
export const routes = {
  'system.info': system.getInfo,
  'system.echo': system.getEcho,
  'system.health': system.getHealth,
  'system.ready': system.getReadiness,
  'otp.send': otp.sendOtp,
  'users.login': users.loginUser,
  'superadmins.bootstrap': superadmins.bootstrap,
  'superadmins.create': superadmins.createSuperAdmin,
  'superadmins.login': superadmins.loginSuperAdmin,
  'admins.create': admins.createAdmin,
  'admins.login': admins.loginAdmin,
  'clients.create': clients.createClientAccount,
  'clients.login': clients.loginClient,
  'subclients.create': subclients.createSubClient,
  'subclients.login': subclients.loginSubClient,
  'refreshKeys.set': refreshKeys.setRefreshKey,
  'tokens.regenerate': tokens.regenerateToken,
  'tokens.refresh': tokens.refreshToken,
  'keys.jwks': keys.getJwks,
  'keys.list': keys.listKeys,
  'keys.rotate': keys.rotateKeys,
  'keys.revoke': keys.revokeKey,
  'oauth.metadata': oauth.getMetadata,
  'oauth.token': oauth.issueToken,
  'oauth.introspect': oauth.introspectToken,
  'oauth.revoke': oauth.revokeToken,
  'oauth.authorizeDevice': oauth.authorizeDevice,
  'devices.decide': devices.decideDevice,
  'passwords.change': passwords.changePassword,
  'auth.me': auth.getMe,
  'auth.logout': auth.logout,
  'sessions.list': sessions.listSessions,
  'sessions.revoke': sessions.revokeSession,
  'sessions.revokeOthers': sessions.revokeOtherSessions,
  'accounts.list': accounts.listAccounts,
  'accounts.get': accounts.getAccount,
  'accounts.disable': accounts.disableAccount,
  'accounts.enable': accounts.enableAccount,
  'accounts.update': accounts.updateAccount,
  'accounts.delete': accounts.deleteAccount,
  'accounts.sessions': accounts.listAccountSessions,
  'accounts.revokeSessions': accounts.revokeAccountSessions,
  'applications.list': applications.listApplications,
  'applications.create': applications.createApplication,
  'applications.get': applications.getApplication,
  'applications.update': applications.updateApplication,
  'applications.rotate': applications.rotateApplication,
  'applications.delete': applications.deleteApplication,
  'policies.list': policies.listPolicies,
  'policies.plan': policies.planPolicies,
  'policies.apply': policies.applyPolicies,
  'policies.approve': policies.approvePolicies,
  'policies.rollback': policies.rollbackPolicies,
  'policies.promote': policies.promotePolicies,
  'policies.dropShadow': policies.dropShadow,
  'policies.replay': policies.replayPolicies,
  'policies.status': policies.policyStatus,
  'policies.revisions': policies.listRevisions,
  'policies.revision': policies.getRevision,
  'snapshots.get': snapshots.getSnapshot,
  'snapshots.accounts': snapshots.getFacts,
  'snapshots.events': snapshots.followEvents,
  'snapshots.changes': snapshots.pollChanges,
  'agents.report': agents.reportAgent,
  'agents.list': agents.listAgents,
  'policies.get': policies.getPolicy,
  'policies.put': policies.putPolicy,
  'policies.delete': policies.deletePolicy,
  'policies.attach': policies.attachPolicy,
  'policies.detach': policies.detachPolicy,
  'policies.setBoundary': policies.setBoundary,
  'policies.schema': policies.getSchema,
  'attachments.get': attachments.getAttachments,
  'attachments.put': attachments.putAttachments,
  'services.list': services.listServices,
  'services.put': services.putService,
  'services.delete': services.deleteService,
  'access.check': access.checkAccess,
  'access.checkBatch': access.checkAccessBatch,
  'access.explain': access.explainAccess,
  'access.whoCan': access.whoCan,
  'authzen.metadata': authzen.getAuthZenMetadata,
  'authzen.evaluate': authzen.evaluate,
  'authzen.evaluateMany': authzen.evaluateMany,
  'authzen.searchSubjects': authzen.searchSubjects,
  'authzen.searchResources': authzen.searchResources,
  'authzen.searchActions': authzen.searchActions,
  'places.import': places.importPlaces,
  'places.all': places.allPlaces,
  'places.list': places.listPlaces,
  'places.get': places.getPlace,
  'places.create': places.createPlace,
  'places.put': places.putPlace,
  'places.delete': places.deletePlace,
} as const satisfies { [id: string]: Route }

/** The type of the route table. */
export type Routes = typeof routes
