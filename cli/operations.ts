import { KINDS } from './kinds.ts'

/** What the command line makes of one operation of the API. */
export interface OperationUse {
  /** The commands that call it; none where `reason` says why. */
  readonly commands: readonly string[]
  /** Why there is none. */
  readonly reason?: string
  /** Whether it changes something that others see: then a command says first where and as whom. */
  readonly changes: boolean
}

const reads = (...commands: readonly string[]): OperationUse => ({ commands, changes: false })
const changes = (...commands: readonly string[]): OperationUse => ({ commands, changes: true })
/** It begins, renews or ends a session of one's own, and says so in its own words. */
const signsIn = reads
const without = (reason: string): OperationUse => ({ commands: [], reason, changes: false })

const FOR_DECIDERS = 'the decider of an application does it'
const FOR_GATEWAYS = 'for gateways and frameworks that speak AuthZEN'

/** For the commands that exist for each kind of account. */
const each = (verb: string): string[] => KINDS.map(({ topic }) => `${topic} ${verb}`)

/** Every operation, and the commands that call it. The table of the reference is made of it. */
export const OPERATIONS: Readonly<Record<string, OperationUse>> = {
  'system.info': reads('doctor'),
  'system.echo': reads('doctor'),
  'system.health': without('`healthcheck` asks for readiness, which says more'),
  'system.ready': reads('healthcheck', 'doctor'),
  'otp.send': signsIn('login'),
  'users.login': signsIn('login'),
  'superadmins.bootstrap': signsIn('bootstrap'),
  'superadmins.create': changes('superadmins create'),
  'superadmins.login': signsIn('login'),
  'admins.create': changes('admins create'),
  'admins.login': signsIn('login'),
  'clients.create': changes('clients create'),
  'clients.login': signsIn('login'),
  'subclients.create': changes('subclients create'),
  'subclients.login': signsIn('login'),
  'refreshKeys.set': without('the command line keeps a refresh token instead'),
  'tokens.regenerate': without('the command line keeps a refresh token instead'),
  'tokens.refresh': without('every command renews its session by itself'),
  'keys.jwks': reads('doctor'),
  'keys.list': reads('keys list'),
  'keys.rotate': changes('keys rotate'),
  'keys.revoke': changes('keys revoke'),
  'passwords.change': changes('passwords change'),
  'oauth.metadata': without('clients of OAuth read it by themselves'),
  'oauth.token': signsIn('login'),
  'oauth.introspect': reads('tokens introspect'),
  'oauth.revoke': without('`logout` and `sessions revoke` end sessions with all their tokens'),
  'oauth.authorizeDevice': signsIn('login'),
  'devices.decide': changes('devices approve', 'devices deny'),
  'auth.me': reads('whoami', 'auth status'),
  'auth.logout': signsIn('logout'),
  'sessions.list': reads('sessions list'),
  'sessions.revoke': changes('sessions revoke'),
  'sessions.revokeOthers': changes('sessions revoke'),
  'accounts.list': reads(...each('list')),
  'accounts.get': reads(...each('get')),
  'accounts.disable': changes(...each('disable')),
  'accounts.enable': changes(...each('enable')),
  'accounts.update': changes(...each('update')),
  'accounts.delete': changes(...each('delete')),
  'accounts.sessions': reads('sessions list', ...each('sessions')),
  'accounts.revokeSessions': changes('sessions revoke', ...each('sessions')),
  'applications.list': reads('applications list'),
  'applications.create': changes('applications create'),
  'applications.get': reads('applications get'),
  'applications.update': changes('applications update', 'applications disable', 'applications enable'),
  'applications.rotate': changes('applications rotate'),
  'applications.delete': changes('applications delete'),
  'policies.list': reads('policies list'),
  'policies.plan': reads('policies plan', 'policies status', 'policies test'),
  'policies.apply': changes('policies apply'),
  'policies.approve': changes('policies approve'),
  'policies.rollback': changes('policies rollback'),
  'policies.promote': changes('policies promote'),
  'policies.dropShadow': changes('policies promote'),
  'policies.replay': reads('policies test'),
  'policies.status': reads('policies status'),
  'policies.revisions': reads('policies history'),
  'policies.revision': reads('policies show', 'policies blame'),
  'policies.get': reads('policies get'),
  'policies.put': changes('policies put'),
  'policies.delete': changes('policies delete'),
  'policies.attach': changes('policies attach'),
  'policies.detach': changes('policies detach'),
  'policies.setBoundary': changes('policies set-boundary'),
  'policies.schema': without('`policies schema` prints it without a daemon'),
  'snapshots.get': without(FOR_DECIDERS),
  'snapshots.accounts': without(FOR_DECIDERS),
  'snapshots.events': without(FOR_DECIDERS),
  'snapshots.changes': without(FOR_DECIDERS),
  'agents.report': without(FOR_DECIDERS),
  'agents.list': reads('policies agents'),
  'attachments.get': reads('attachments get'),
  'attachments.put': changes('attachments put'),
  'services.list': reads('services list'),
  'services.put': changes('services put'),
  'services.delete': changes('services delete'),
  'access.check': reads('access check'),
  'access.checkBatch': without('a script asks `access check` once for each question'),
  'access.explain': reads('access explain'),
  'access.whoCan': reads('access who-can'),
  'authzen.metadata': without(FOR_GATEWAYS),
  'authzen.evaluate': without(`${FOR_GATEWAYS}; \`access check\` asks the same`),
  'authzen.evaluateMany': without(`${FOR_GATEWAYS}; \`access check\` asks the same`),
  'authzen.searchSubjects': without(`${FOR_GATEWAYS}; \`access who-can\` asks the same`),
  'authzen.searchResources': without(FOR_GATEWAYS),
  'authzen.searchActions': without(FOR_GATEWAYS),
  'places.import': changes('places import'),
  'places.all': reads('places export'),
  'places.list': reads('places list'),
  'places.get': reads('places get'),
  'places.create': changes('places create'),
  'places.put': changes('places update'),
  'places.delete': changes('places delete'),
}

/** Whether a call changes something; of one that is not in the table that is taken for granted. */
export const changesSomething = (operationId: string): boolean =>
  !Object.hasOwn(OPERATIONS, operationId) || OPERATIONS[operationId]?.changes === true
