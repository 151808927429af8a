import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import { PASSWORD } from '../support/accounts.ts'
import { agentReport } from '../support/agents.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import {
  ACTORS,
  createRelatives,
  dominates,
  RELATIONS,
  SIGNED_IN,
  targetOf,
  type Actor,
  type Relation,
  type Relatives,
  type SignedInActor,
} from '../support/relatives.ts'

/*
 * G1: everybody × every route × every relation, against an oracle that states the rules of the hierarchy and
 * knows nothing of the policies. A route without a row does not compile.
 */

type Operation = keyof typeof routes
/** A call and who may make it. */
interface Row {
  /**
   * `target`: the path names an account. `deletes`: it does, and is gone afterwards. `ends`: it ends the
   * session of the caller, or may.
   */
  readonly kind?: 'target' | 'deletes' | 'ends'
  /** What nobody may do to itself. */
  readonly notToItself?: true
  readonly who: readonly Actor[]
  readonly path?: string
  readonly body?: () => object
}

let names = 0
const person = (field?: string, id?: () => string) => (): object => {
  names += 1
  const parent = field === undefined ? {} : { [field]: id?.() }
  return { name: 'x', username: `matrix${names}`, password: PASSWORD, issue_token: false, ...parent }
}

const OWNERS = ['root', 'admin', 'client'] as const
const MANAGERS = ['root', 'admin', 'client', 'subClient'] as const
const CHARGER = {
  type: 'Feature',
  id: 'matrix',
  geometry: { type: 'Point', coordinates: [77.6, 12.9] },
  properties: { type: 'ev-charger', name: 'Matrix' },
}
const A_SET = { set: 'matrix', files: [{ path: 'authctl.json', text: '{"set": "matrix"}' }] }
const A_QUESTION = { account: `adm_${'0'.repeat(26)}`, action: 'places:List', resource: 'place/a', at: [1] }
const NOBODY_TO_ALL_PLACES = {
  subject: { type: 'account', id: `adm_${'0'.repeat(26)}` },
  action: { name: 'places:List' },
  resource: { type: 'place', id: 'all' },
}
const NOBODY_KNOWN = { number: '+919876599999' }
const AN_APPLICATION = `/applications/app_${'0'.repeat(26)}`
const ANYONE = { who: ACTORS }
const OWN = { who: SIGNED_IN }

const ROWS: Readonly<Record<Operation, Row>> = {
  'system.info': ANYONE,
  'system.echo': { who: ['root'] },
  'system.health': ANYONE,
  'system.ready': ANYONE,
  'keys.jwks': ANYONE,
  'keys.list': { who: ['root'] },
  'keys.rotate': { who: ['root'], body: () => ({}) },
  'keys.revoke': { who: ['root'], path: '/keys/nothing/revoke', body: () => ({}) },
  'oauth.metadata': ANYONE,
  'oauth.authorizeDevice': { ...ANYONE, body: () => ({}) },
  'devices.decide': {
    who: ['root', 'admin'],
    body: () => ({ user_code: 'BBBB-BBBB', decision: 'deny' }),
  },
  'oauth.introspect': { ...ANYONE, body: () => ({}) },
  'oauth.revoke': { ...ANYONE, body: () => ({}) },
  'oauth.token': { ...ANYONE, body: () => ({ grant_type: 'none' }) },
  'otp.send': { ...ANYONE, body: () => NOBODY_KNOWN },
  'users.login': { ...ANYONE, body: () => ({ ...NOBODY_KNOWN, otp: '000000' }) },
  'admins.login': { ...ANYONE, body: () => ({ ...NOBODY_KNOWN, otp: '000000' }) },
  'clients.login': { ...ANYONE, body: () => ({ ...NOBODY_KNOWN, otp: '000000' }) },
  'subclients.login': { ...ANYONE, body: () => ({ ...NOBODY_KNOWN, otp: '000000' }) },
  'superadmins.login': { ...ANYONE, body: () => ({ username: 'nobody.known', password: PASSWORD }) },
  'superadmins.bootstrap': {
    ...ANYONE,
    body: () => ({ setup_token: 'x', name: 'x', username: 'nobody', password: PASSWORD }),
  },
  'tokens.refresh': { who: [], body: () => ({}) },
  'superadmins.create': { who: ['root'], body: person() },
  'admins.create': { who: ['root'], body: person() },
  'clients.create': { who: ['root', 'admin'], body: person() },
  'subclients.create': { who: ['root', 'admin', 'client'], body: person() },
  'accounts.list': { who: MANAGERS },
  'accounts.get': { kind: 'target', who: MANAGERS },
  'accounts.disable': { kind: 'target', who: ['root', 'admin', 'client'] },
  'accounts.enable': { kind: 'target', who: ['root', 'admin', 'client'] },
  'accounts.update': { kind: 'target', who: OWNERS, notToItself: true, body: () => ({ name: 'x' }) },
  'accounts.delete': { kind: 'deletes', who: OWNERS },
  'accounts.sessions': { kind: 'target', who: OWNERS },
  'accounts.revokeSessions': { kind: 'target', who: OWNERS },
  'applications.list': { who: MANAGERS },
  'applications.create': { who: MANAGERS, body: () => ({ name: 'x' }) },
  // An application that is not there is nobody's: whose it may be is in `test/api/applications.test.ts`.
  'applications.get': { ...OWN, path: AN_APPLICATION },
  'applications.update': { ...OWN, path: AN_APPLICATION, body: () => ({ name: 'x' }) },
  'applications.rotate': { ...OWN, path: `${AN_APPLICATION}/rotate`, body: () => ({}) },
  'applications.delete': { ...OWN, path: AN_APPLICATION },
  'policies.attach': {
    kind: 'target',
    who: OWNERS,
    notToItself: true,
    path: '/accounts/{id}/policies/authctl:User',
  },
  'policies.detach': {
    kind: 'target',
    who: OWNERS,
    notToItself: true,
    path: '/accounts/{id}/policies/authctl:User',
  },
  'policies.setBoundary': { kind: 'target', who: OWNERS, notToItself: true, body: () => ({ policy: null }) },
  'policies.list': { who: OWNERS },
  'policies.get': { who: OWNERS, path: '/policies/nothing' },
  'policies.put': {
    who: OWNERS,
    path: '/policies/nothing',
    body: () => ({ Version: 0, Id: 'x', Statement: [] }),
  },
  'policies.delete': { who: OWNERS, path: '/policies/nothing' },
  'policies.plan': { who: OWNERS, body: () => A_SET },
  'policies.promote': { who: OWNERS, body: () => ({}) },
  'policies.dropShadow': { who: OWNERS },
  'policies.replay': { who: OWNERS, body: () => ({ ...A_SET, questions: [A_QUESTION] }) },
  'policies.apply': { who: OWNERS, body: () => ({ ...A_SET, set: 'other' }) },
  'policies.approve': { who: OWNERS, body: () => ({ plan: {} }) },
  'policies.rollback': { who: OWNERS, body: () => ({ revision: '999' }) },
  'policies.status': { who: OWNERS },
  'policies.revisions': { who: OWNERS },
  'policies.revision': { who: OWNERS, path: '/policies/revisions/999' },
  'policies.schema': { ...ANYONE, path: '/schemas/policy' },
  'snapshots.get': { who: MANAGERS },
  'snapshots.accounts': { who: MANAGERS },
  'snapshots.changes': { who: MANAGERS, path: '/policies/changes?services=authctl' },
  'snapshots.events': { who: MANAGERS, path: '/policies/events?services=authctl' },
  'agents.report': { who: MANAGERS, body: () => agentReport('matrix') },
  'agents.list': { who: OWNERS },
  'attachments.get': { who: OWNERS },
  'attachments.put': { who: OWNERS, body: () => ({ attachments: [{}] }) },
  'services.list': { who: OWNERS },
  'services.put': {
    who: OWNERS,
    path: '/services/nothing',
    body: () => ({ service: 0, actions: {}, resource_types: {} }),
  },
  'services.delete': { who: OWNERS, path: '/services/nothing' },
  'access.check': { ...OWN, body: () => ({ action: 'places:List', resource: 'place/all' }) },
  'access.checkBatch': {
    ...OWN,
    body: () => ({ checks: [{ action: 'places:List', resource: 'place/all' }] }),
  },
  'access.explain': { who: OWNERS, body: () => ({ decision_id: 'x'.repeat(64) }) },
  'access.whoCan': { who: OWNERS, body: () => ({ action: 'places:List', resource: 'place/all' }) },
  'authzen.metadata': ANYONE,
  'authzen.evaluate': { ...OWN, body: () => NOBODY_TO_ALL_PLACES },
  'authzen.evaluateMany': { ...OWN, body: () => NOBODY_TO_ALL_PLACES },
  'authzen.searchSubjects': {
    who: OWNERS,
    body: () => ({ ...NOBODY_TO_ALL_PLACES, subject: { type: 'user' } }),
  },
  'authzen.searchResources': {
    ...OWN,
    body: () => ({ ...NOBODY_TO_ALL_PLACES, resource: { type: 'place' } }),
  },
  'authzen.searchActions': {
    ...OWN,
    body: () => ({ subject: NOBODY_TO_ALL_PLACES.subject, resource: NOBODY_TO_ALL_PLACES.resource }),
  },
  'auth.me': OWN,
  'sessions.list': OWN,
  'sessions.revoke': { ...OWN, path: `/auth/sessions/ses_${'0'.repeat(26)}` },
  'sessions.revokeOthers': OWN,
  'auth.logout': { ...OWN, kind: 'ends' },
  'passwords.change': {
    ...OWN,
    body: () => ({ current_password: 'not this one at all', new_password: PASSWORD }),
  },
  'refreshKeys.set': { ...OWN, body: () => ({ new_key: 'monsoon-window-42' }) },
  'tokens.regenerate': { ...OWN, body: () => ({ refresh_key: 'some-other-key-7' }) },
  'places.all': OWN,
  'places.list': OWN,
  'places.get': { ...OWN, path: '/mapdirectory/places/nowhere' },
  'places.create': { who: ['root', 'admin'], body: () => ({ ...CHARGER, id: `matrix-${(names += 1)}` }) },
  'places.put': { who: ['root', 'admin'], path: '/mapdirectory/places/matrix', body: () => CHARGER },
  'places.delete': { who: ['root', 'admin'], path: '/mapdirectory/places/nowhere' },
  'places.import': {
    who: ['root', 'admin'],
    body: () => ({ type: 'FeatureCollection', features: [CHARGER] }),
  },
}

let daemon: TestDaemon
let relatives: Relatives

beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  relatives = await createRelatives(daemon)
})
afterAll(() => daemon.stop())

const REFUSALS = ['forbidden', 'authentication_required', 'invalid_token', 'invalid_grant']

/** What the caller is told: refused by one of the codes, not found, or neither. */
const outcome = async (operation: Operation, actor: Actor, target?: string): Promise<string> => {
  const { method, path } = routes[operation]
  const { body, path: given } = ROWS[operation]
  const token = actor === 'anonymous' ? undefined : relatives.people[actor].access
  const answer = await daemon.api.call(method, (given ?? path).replace('{id}', target ?? ''), {
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body: body() }),
  })
  const { code } = (typeof answer.body === 'object' ? (answer.body ?? {}) : {}) as { code?: string }
  if (code !== undefined && REFUSALS.includes(code)) return code
  if (target !== undefined && answer.status === 404) return 'not_found'
  return answer.status < 500 ? 'served' : `${answer.status}`
}

const expectedOn = (operation: Operation, actor: SignedInActor, relation: Relation): string => {
  const seesItself = operation === 'accounts.get' && relation === 'self'
  if (!dominates(actor, relation) && !seesItself) return 'not_found'
  if (relation === 'self' && ROWS[operation].notToItself === true) return 'forbidden'
  return ROWS[operation].who.includes(actor) ? 'served' : 'forbidden'
}

/** What would end the session of a super-admin that does it to itself. */
const ENDING: readonly Operation[] = ['accounts.disable', 'accounts.delete', 'accounts.revokeSessions']

const operations = Object.keys(ROWS) as Operation[]
const plain = operations.filter((operation) => ROWS[operation].kind === undefined)
const onTargets = operations.filter((operation) => ROWS[operation].kind === 'target')

describe('G1: the matrix', () => {
  test.each(plain)('%s', async (operation) => {
    for (const actor of ACTORS) {
      const { who } = ROWS[operation]
      const denied =
        actor === 'anonymous'
          ? 'authentication_required'
          : operation === 'tokens.refresh'
            ? 'invalid_grant'
            : 'forbidden'
      expect(await outcome(operation, actor), actor).toBe(who.includes(actor) ? 'served' : denied)
    }
  })

  const checkTargets = async (operation: Operation): Promise<void> => {
    expect(await outcome(operation, 'anonymous', relatives.people.user.id)).toBe('authentication_required')
    for (const actor of SIGNED_IN) {
      for (const relation of RELATIONS) {
        const target = targetOf(relatives, actor, relation)
        const endsItself = ENDING.includes(operation) && actor === 'root' && relation === 'self'
        if (target === undefined || endsItself) continue
        expect(await outcome(operation, actor, target), `${actor} on ${relation}`).toBe(
          expectedOn(operation, actor, relation),
        )
      }
    }
  }

  test.each(onTargets)('%s', (operation) => checkTargets(operation))

  test('nothing foreign was changed on the way', async () => {
    for (const targets of Object.values(relatives.related)) {
      for (const id of Object.values(targets)) {
        const { body } = await daemon.api.get(`/accounts/${id}`, relatives.people.root.access)
        expect(body).toMatchObject({ id, status: 'active' })
      }
    }
  })

  test('accounts.delete', () => checkTargets('accounts.delete'))

  test('what ends the session of the caller: sign-out, and a super-admin that disables itself', async () => {
    expect(await outcome('auth.logout', 'anonymous')).toBe('authentication_required')
    for (const actor of SIGNED_IN.filter((name) => name !== 'root')) {
      expect(await outcome('auth.logout', actor), actor).toBe('served')
      expect(await outcome('auth.me', actor), actor).toBe('invalid_token')
    }
    expect(await outcome('accounts.disable', 'root', relatives.people.root.id)).toBe('served')
    expect(await outcome('auth.me', 'root')).toBe('invalid_token')
  })
})
