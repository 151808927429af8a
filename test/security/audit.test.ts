import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import type { AuditEvent } from '../../daemon/ports/audit.ts'
import {
  createFamily,
  PASSWORD,
  signedIn,
  signInUser,
  type Family,
  type SignedIn,
} from '../support/accounts.ts'
import { agentReport } from '../support/agents.ts'
import { FORM, postForm, type Answer, type CallOptions } from '../support/api.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { allowing, ORDERS_SERVICE } from '../support/policy-calls.ts'

/*
 * J1: what changes something or signs somebody in, and what is refused, leaves an event that says who, what,
 * on whom, from where and in which request. A route that changes something and has no row does not compile.
 */

type Routes = typeof routes
type Operation = keyof Routes
/** Questions that are asked by POST, for their length. */
type Question =
  | 'oauth.introspect'
  | 'access.check'
  | 'access.checkBatch'
  | 'access.explain'
  | 'access.whoCan'
  | 'authzen.evaluate'
  | 'authzen.evaluateMany'
  | 'authzen.searchActions'
  | 'authzen.searchResources'
  | 'authzen.searchSubjects'
  | 'policies.plan'
  | 'policies.replay'
type Changing = Exclude<
  { [Id in Operation]: Routes[Id]['method'] extends 'GET' ? never : Id }[Operation],
  Question
>

/** What is sent, and who and whom its event names. */
interface Case extends CallOptions {
  readonly path?: string
  readonly event: string
  readonly actorId?: string
  readonly targetId?: string
}

const AGENT = 'audit-test/1.0'
let daemon: TestDaemon
let family: Family
beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  family = await createFamily(daemon)
})
afterAll(() => daemon.stop())

let made = 0
const person = () => ({ name: 'x', username: `audited${++made}`, password: PASSWORD })
const newNumber = (): string => `+9198765${20_000 + ++made}`

let requests = 0
const call = async (
  operation: Operation,
  { path, headers, ...options }: CallOptions & { path?: string },
): Promise<{ answer: Answer; events: AuditEvent[] }> => {
  const requestId = `audit-${++requests}`
  const route = routes[operation]
  const answer = await daemon.api.call(route.method, path ?? route.path, {
    ...options,
    headers: { ...headers, 'x-request-id': requestId, 'user-agent': AGENT },
  })
  const lines = daemon.log.lines.filter((line) => line['audit'] === true && line['requestId'] === requestId)
  return { answer, events: lines as unknown as AuditEvent[] }
}

const creation = (creator: keyof Family) => (): Case => {
  const { access: token, id: actorId } = family[creator]
  return { token, body: person(), event: 'account-create', actorId }
}

const onClient =
  (event: string, suffix = '', more: CallOptions = {}) =>
  async (): Promise<Case> => {
    const { access: token, id: actorId } = family.admin
    const { id } = signedIn(await daemon.api.post('/auth/client/create', person(), token))
    return { token, path: `/accounts/${id}${suffix}`, ...more, event, actorId, targetId: id }
  }

const byUser =
  (event: string, options: (user: SignedIn) => CallOptions & { path?: string } = () => ({ body: {} })) =>
  async (): Promise<Case> => {
    const user = await signInUser(daemon, newNumber())
    return { token: user.access, ...options(user), event, actorId: user.id }
  }

/** A code for a number, which is that of an account or of nobody yet. */
const codeFor = async (number: string): Promise<Case> => {
  expect((await daemon.api.post('/auth/otp/send', { number })).status).toBe(200)
  return { body: { number, otp: await daemon.sms.codeFor(number) }, event: 'sign-in' }
}

const onPolicies = (path: string, event: string, body?: object) => async (): Promise<Case> => {
  const { access: token, id: actorId } = family.root
  const tag = (await daemon.api.get(path, token)).headers['etag']
  const headers = typeof tag === 'string' ? { headers: { 'if-match': tag } } : {}
  return { token, path, ...(body && { body }), ...headers, event, actorId }
}

const AUDITED = {
  type: 'Feature',
  id: 'audited',
  geometry: { type: 'Point', coordinates: [77.6, 12.9] },
  properties: { type: 'ev-charger', name: 'Audited' },
}

const onPlaces = (event: string, body: object, targetId?: string) => (): Case => ({
  token: family.admin.access,
  body,
  event,
  actorId: family.admin.id,
  ...(targetId && { path: `/mapdirectory/places/${targetId}`, targetId }),
})

const onApplications = (event: string, body: object): Case => ({
  token: family.client.access,
  body,
  event,
  actorId: family.client.id,
})

const onApplication = async (event: string, suffix = '', body?: object): Promise<Case> => {
  const { access: token, id: actorId } = family.client
  const { body: answer } = await daemon.api.post('/applications', { name: 'audited' }, token)
  const { id: targetId } = answer['application'] as unknown as { id: string }
  return {
    token,
    path: `/applications/${targetId}${suffix}`,
    ...(body && { body }),
    event,
    actorId,
    targetId,
  }
}

const asRoot = () => ({ token: family.root.access, actorId: family.root.id })

const sidOf = ({ access }: SignedIn): string =>
  (JSON.parse(Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()) as { sid: string }).sid

const RECORDED: Readonly<Record<Exclude<Changing, 'superadmins.bootstrap'>, () => Case | Promise<Case>>> = {
  'otp.send': () => ({ body: { number: newNumber() }, event: 'otp-send' }),
  'users.login': () => codeFor(newNumber()),
  'admins.login': async () => ({ ...(await codeFor('+919876500001')), actorId: family.admin.id }),
  'clients.login': async () => ({ ...(await codeFor('+919876500002')), actorId: family.client.id }),
  'subclients.login': async () => ({ ...(await codeFor('+919876500003')), actorId: family.subClient.id }),
  'superadmins.login': () => ({
    body: { username: 'root', password: PASSWORD },
    event: 'sign-in',
    actorId: family.root.id,
  }),
  'oauth.revoke': async () => {
    const { id, access } = await signInUser(daemon, newNumber())
    const headers = { 'content-type': FORM }
    return { raw: `client_id=authctl&token=${access}`, headers, event: 'token-revoke', actorId: id }
  },
  'oauth.authorizeDevice': () => ({
    raw: 'client_id=authctl-cli',
    headers: { 'content-type': FORM },
    event: 'device-authorization',
  }),
  'devices.decide': async () => {
    const { access: token, id: actorId } = family.root
    const { body } = await postForm(daemon.api, '/oauth/device_authorization', { client_id: 'authctl-cli' })
    const decision = { user_code: body['user_code'], decision: 'deny' }
    return { token, body: decision, event: 'device-deny', actorId }
  },
  'oauth.token': async () => {
    const { id, refresh } = await signInUser(daemon, newNumber())
    const raw = `grant_type=refresh_token&client_id=authctl&refresh_token=${refresh}`
    return { raw, headers: { 'content-type': FORM }, event: 'token-refresh', actorId: id }
  },
  'agents.report': () => ({
    token: family.admin.access,
    body: agentReport('web-1'),
    event: 'agent-joined',
    actorId: family.admin.id,
  }),
  'superadmins.create': creation('root'),
  'admins.create': creation('root'),
  'clients.create': creation('admin'),
  'subclients.create': creation('client'),
  'accounts.disable': onClient('account-disable', '/disable', { body: {} }),
  'accounts.enable': onClient('account-enable', '/enable', { body: {} }),
  'accounts.update': onClient('account-update', '', { body: { name: 'y' }, headers: { 'if-match': '"1"' } }),
  'accounts.delete': onClient('account-delete'),
  'accounts.revokeSessions': onClient('sessions-revoke', '/sessions'),
  'policies.attach': onClient('policy-attach', '/policies/authctl:User', { body: {} }),
  'policies.detach': async () => {
    const granted = await onClient('policy-detach', '/policies/authctl:User')()
    await daemon.api.post(granted.path ?? '', {}, granted.token)
    return granted
  },
  'policies.setBoundary': onClient('boundary-set', '/boundary', { body: { policy: 'authctl:User' } }),
  'applications.create': () => onApplications('application-create', { name: 'audited' }),
  'applications.update': () => onApplication('application-update', '', { name: 'y' }),
  'applications.rotate': () => onApplication('application-rotate', '/rotate', {}),
  'applications.delete': () => onApplication('application-delete'),
  'services.put': onPolicies('/services/orders', 'service-put', ORDERS_SERVICE),
  'policies.put': onPolicies('/policies/audited', 'policy-put', allowing('audited', 'orders:Read')),
  'policies.delete': onPolicies('/policies/audited', 'policy-delete'),
  'services.delete': onPolicies('/services/orders', 'service-delete'),
  'attachments.put': async () => {
    const { body } = await daemon.api.get('/attachments', family.root.access)
    const attachments = (body['attachments'] as unknown as object[]).toReversed()
    return onPolicies('/attachments', 'attachments-put', { attachments })()
  },
  'policies.apply': () => ({
    token: family.root.access,
    body: {
      set: 'audited',
      files: [
        { path: 'authctl.json', text: '{"set": "audited"}' },
        {
          path: 'services/audits.json',
          text: JSON.stringify({ ...ORDERS_SERVICE, context_keys: {}, actions: {}, service: 'audits' }),
        },
      ],
    },
    event: 'policies-apply',
    actorId: family.root.id,
  }),
  'policies.approve': async () => {
    const set = { set: 'approved', files: [{ path: 'authctl.json', text: '{"set": "approved"}' }] }
    const { body: plan } = await daemon.api.post('/policies/plan', set, family.admin.access)
    return {
      token: family.root.access,
      body: { plan },
      event: 'policies-approve',
      actorId: family.root.id,
    }
  },
  'policies.rollback': () => ({
    token: family.root.access,
    body: { revision: '1' },
    event: 'policies-rollback',
    actorId: family.root.id,
  }),
  'policies.promote': async () => {
    const { access: token, id: actorId } = family.root
    const files = [
      { path: 'authctl.json', text: '{"set": "shaded"}' },
      {
        path: 'documents/shaded.json',
        text: '{"Version": "authctl/1", "Id": "shaded", "Statement": [{"Effect": "Allow", "Action": "places:List", "Resource": "place/*"}]}',
      },
    ]
    const placed = await daemon.api.post('/policies/apply', { set: 'shaded', files, shadow: true }, token)
    expect(placed.body).toMatchObject({ detail: 'In the shadow' })
    return { token, body: {}, event: 'policies-promote', actorId }
  },
  'policies.dropShadow': () => ({
    token: family.root.access,
    event: 'policies-shadow',
    actorId: family.root.id,
  }),
  'auth.logout': byUser('logout'),
  'sessions.revoke': byUser('session-revoke', (user) => ({ path: `/auth/sessions/${sidOf(user)}` })),
  'sessions.revokeOthers': byUser('sessions-revoke', () => ({})),
  'tokens.refresh': byUser('token-refresh', ({ refresh }) => ({ token: refresh, body: {} })),
  'refreshKeys.set': byUser('refresh-key-set', () => ({ body: { new_key: 'monsoon-window-42' } })),
  'tokens.regenerate': async () => {
    const user = await signInUser(daemon, newNumber())
    const key = 'monsoon-window-42'
    await daemon.api.post('/user/access/refresh-key', { new_key: key }, user.access)
    return { token: user.access, body: { refresh_key: key }, event: 'token-regenerate', actorId: user.id }
  },
  'passwords.change': async () => {
    const { username, ...rest } = person()
    const admin = signedIn(
      await daemon.api.post('/auth/admin/create', { ...rest, username }, family.root.access),
    )
    const body = { current_password: PASSWORD, new_password: `${PASSWORD} again` }
    return { token: admin.access, body, event: 'password-change', actorId: admin.id }
  },
  'places.import': onPlaces('places-import', { type: 'FeatureCollection', features: [AUDITED] }),
  'places.create': onPlaces('place-create', { ...AUDITED, id: 'created' }),
  'places.put': onPlaces('place-put', { ...AUDITED, id: 'put' }, 'put'),
  'places.delete': async () => {
    const { access: token, id: actorId } = family.admin
    await daemon.api.post('/mapdirectory/places', { ...AUDITED, id: 'gone' }, token)
    return { token, event: 'place-delete', actorId, path: '/mapdirectory/places/gone', targetId: 'gone' }
  },
  'keys.rotate': () => ({ ...asRoot(), body: {}, event: 'signing-key-rotated' }),
  'keys.revoke': async () => {
    const { body } = await daemon.api.post('/keys/rotate', {}, family.root.access)
    const kid = String(body['kid'])
    return { ...asRoot(), path: `/keys/${kid}/revoke`, event: 'signing-key-revoked', targetId: kid }
  },
}

test.each(Object.entries(RECORDED))('J1: %s is recorded', async (operation, prepare) => {
  const { event, actorId, targetId, ...options } = await prepare()
  const { answer, events } = await call(operation as Operation, options)
  expect(answer.status, answer.text).toBeLessThan(300)
  expect(events).toMatchObject([
    {
      event,
      outcome: 'success',
      ip: '127.0.0.1',
      userAgent: AGENT,
      ...(actorId === undefined ? {} : { actorId }),
      ...(targetId === undefined ? {} : { targetId }),
    },
  ])
})

test('J1: the first super-admin, and a wrong set-up token', async () => {
  const [event] = daemon.log.events('bootstrap')
  expect(event).toMatchObject({ outcome: 'success', targetId: family.root.id, ip: '127.0.0.1' })
  expect(event?.requestId).toMatch(/./)
  const { events } = await call('superadmins.bootstrap', { body: { ...person(), setup_token: 'x' } })
  expect(events).toMatchObject([{ outcome: 'failure', userAgent: AGENT }])
})

const guarded = Object.values(routes).filter(({ auth }) => auth !== 'none' && auth !== 'client')

test.each(guarded.map(({ operationId, auth }) => [operationId, auth] as const))(
  'J1: %s without a good token is recorded',
  async (operationId, auth) => {
    for (const token of [undefined, 'not.a.token']) {
      const { answer, events } = await call(operationId, { ...(token && { token }), body: {} })
      expect(answer.status, `${auth}: ${answer.text}`).toBe(401)
      expect(events).toMatchObject([
        { event: 'request-refused', outcome: 'failure', ip: '127.0.0.1', userAgent: AGENT },
      ])
      expect(events[0]?.reason).toContain(operationId)
    }
  },
)

test('J1: what the policies and the hierarchy refuse is recorded, once, with who asked and on whom', async () => {
  const user = await signInUser(daemon, newNumber())
  const denied = await call('admins.create', { token: user.access, body: person() })
  expect(denied.answer.status).toBe(403)
  expect(denied.events).toMatchObject([{ event: 'access-denied', actorId: user.id, userAgent: AGENT }])
  const path = `/accounts/${family.root.id}/disable`
  const foreign = await call('accounts.disable', { token: family.admin.access, path, body: {} })
  expect(foreign.answer.status).toBe(404)
  expect(foreign.events).toMatchObject([
    { event: 'request-refused', actorId: family.admin.id, targetId: family.root.id, userAgent: AGENT },
  ])
  const own = await call('accounts.update', {
    token: family.root.access,
    path: `/accounts/${family.root.id}`,
    body: { name: 'y' },
  })
  expect(own.answer.status).toBe(403)
  expect(own.events).toMatchObject([{ event: 'request-refused', actorId: family.root.id }])
})

test('J1: secrets that are wrong are recorded, once, with the true reason', async () => {
  const wrong = { username: 'root', password: `${PASSWORD} not` }
  const { events } = await call('superadmins.login', { body: wrong })
  expect(events).toMatchObject([{ event: 'sign-in', outcome: 'failure', targetId: family.root.id }])
  const used = await signInUser(daemon, newNumber())
  await call('auth.logout', { token: used.access, body: {} })
  const after = await call('tokens.refresh', { token: used.refresh, body: {} })
  expect(after.events).toMatchObject([
    { event: 'request-refused', outcome: 'failure', reason: 'tokens.refresh: ended_session' },
  ])
})

test('J1: what a limit refuses is recorded', async () => {
  const limited = await startTestDaemon()
  try {
    const number = newNumber()
    await limited.api.post('/auth/otp/send', { number })
    expect((await limited.api.post('/auth/otp/send', { number })).status).toBe(429)
    expect(limited.log.events('request-refused')).toMatchObject([
      { outcome: 'failure', reason: 'otp.send: otp-send', ip: '127.0.0.1' },
    ])
  } finally {
    await limited.stop()
  }
})
