import { beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../daemon/contract/routes.ts'
import type { Route } from '../../daemon/contract/route.ts'
import {
  createFamily,
  PASSWORD,
  signedIn,
  signInUser,
  type Family,
  type SignedIn,
} from '../support/accounts.ts'
import type { Answer } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { isCutOff } from '../support/races.ts'

let daemon: TestDaemon
let family: Family
let foreign: { admin: SignedIn; client: SignedIn; subClient: SignedIn }
let user: SignedIn

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))
beforeAll(async () => {
  const { api } = daemon
  const admin = signedIn(
    await api.post('/auth/admin/create', { name: 'B', number: '+919876500011' }, family.root.access),
  )
  const client = signedIn(
    await api.post('/auth/client/create', { name: 'B', number: '+919876500012' }, admin.access),
  )
  const subClient = signedIn(
    await api.post('/auth/subclient/create', { name: 'B', number: '+919876500013' }, client.access),
  )
  foreign = { admin, client, subClient }
  user = await signInUser(daemon, '+919876543210')
})

const withoutId = ({ status, body, headers }: Answer) => {
  const { 'x-request-id': _id, date: _date, ...rest } = headers
  return { status, headers: rest, body: { ...(body as object), instance: '' } }
}

describe('G1: who may see and touch whom', () => {
  const people = () => ({
    ...family,
    foreignAdmin: foreign.admin,
    foreignClient: foreign.client,
    foreignSub: foreign.subClient,
    user,
  })
  type Name = keyof ReturnType<typeof people>

  /** The accounts that each role stands above in this family. */
  const below: Record<Name, readonly Name[]> = {
    root: ['root', 'admin', 'client', 'subClient', 'foreignAdmin', 'foreignClient', 'foreignSub', 'user'],
    admin: ['client', 'subClient', 'user'],
    client: ['subClient'],
    subClient: [],
    foreignAdmin: ['foreignClient', 'foreignSub', 'user'],
    foreignClient: ['foreignSub'],
    foreignSub: [],
    user: [],
  }

  test('reading an account: oneself and what one dominates; all else is as if absent', async () => {
    const all = people()
    for (const [actor, { access }] of Object.entries(all) as [Name, SignedIn][]) {
      for (const [target, { id }] of Object.entries(all) as [Name, SignedIn][]) {
        const visible = actor === target || below[actor].includes(target)
        const expected = !visible ? 404 : actor === 'user' ? 403 : 200
        expect((await daemon.api.get(`/accounts/${id}`, access)).status, `${actor} reads ${target}`).toBe(
          expected,
        )
      }
    }
  })

  test('disabling and enabling: only what one dominates', async () => {
    const all = people()
    for (const [actor, { access }] of Object.entries(all) as [Name, SignedIn][]) {
      for (const [target, { id }] of Object.entries(all) as [Name, SignedIn][]) {
        if (below[actor].includes(target) && actor !== 'root') continue
        const answer = await daemon.api.post(`/accounts/${id}/enable`, {}, access)
        const expected = actor === 'root' ? 200 : 404
        expect(answer.status, `${actor} enables ${target}`).toBe(expected)
        if (expected === 200) continue
        expect(
          (await daemon.api.post(`/accounts/${id}/disable`, {}, access)).status,
          `${actor} disables ${target}`,
        ).toBe(expected)
      }
    }
  })

  test('lists hold exactly what one dominates', async () => {
    const all = people()
    for (const [actor, { access }] of Object.entries(all) as [Name, SignedIn][]) {
      const answer = await daemon.api.get('/accounts?limit=200', access)
      if (actor === 'user') {
        expect(answer.status).toBe(403)
        continue
      }
      const { items } = answer.body as unknown as { items: { id: string }[] }
      const listed = new Set(items.map((item) => item.id))
      expect(listed, actor).toEqual(new Set(below[actor].map((name) => all[name].id)))
    }
  })

  test('creating: each role may create what the contract says, and only under what it dominates', async () => {
    const body = (field?: string, id?: string) => ({
      name: 'x',
      username: `n${Math.random().toString(36).slice(2)}`,
      password: PASSWORD,
      issue_token: false,
      ...(field && { [field]: id }),
    })
    const rows: [Name, string, object, number][] = [
      ['root', 'admin', body(), 201],
      ['admin', 'admin', body(), 403],
      ['client', 'admin', body(), 403],
      ['user', 'admin', body(), 403],
      ['root', 'client', body(), 400],
      ['root', 'client', body('admin_id', family.admin.id), 201],
      ['admin', 'client', body(), 201],
      ['admin', 'client', body('admin_id', family.admin.id), 400],
      ['client', 'client', body(), 403],
      ['subClient', 'subclient', body(), 403],
      ['client', 'subclient', body(), 201],
      ['admin', 'subclient', body(), 400],
      ['admin', 'subclient', body('client_id', family.client.id), 201],
      ['admin', 'subclient', body('client_id', foreign.client.id), 404],
      ['admin', 'subclient', body('client_id', `cli_${'0'.repeat(26)}`), 404],
      ['root', 'subclient', body('client_id', foreign.client.id), 201],
      ['admin', 'superadmin', { name: 'x', username: 'xyz', password: PASSWORD }, 403],
      ['user', 'client', body(), 403],
    ]
    for (const [actor, noun, sent, expected] of rows) {
      const answer = await daemon.api.post(`/auth/${noun}/create`, sent, people()[actor].access)
      expect(answer.status, `${actor} creates ${noun} ${JSON.stringify(sent)}: ${answer.text}`).toBe(expected)
    }
  })
})

describe('G2: fields that are the server’s', () => {
  const fields = [
    'level',
    'role',
    'path',
    'parentId',
    'parent_id',
    'tenantId',
    'verified',
    '_id',
    'id',
    'passwordHash',
    'password_hash',
    'status',
    'epoch',
    'version',
  ]
  test.each(fields)('%s in a body is refused and nothing is created', async (field) => {
    const before = (await daemon.api.get('/accounts?limit=200', family.root.access)).text
    for (const path of ['/auth/admin/create', '/auth/superadmin/create']) {
      const body = { name: 'x', username: 'mallory', password: PASSWORD, [field]: 'super-admin' }
      const answer = await daemon.api.post(path, body, family.root.access)
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ pointer: `/${field}`, code: 'additionalProperties' }] },
      })
    }
    expect((await daemon.api.get('/accounts?limit=200', family.root.access)).text).toBe(before)
  })

  test.each([
    [{ policies: 'super-admin' }, 400],
    [{ policies: ['super-admin'] }, 404],
    [{ policies: ['authctl:SuperAdmin'] }, 403],
    [{ boundary: ['authctl:Client'] }, 400],
    [{ boundary: 'nowhere' }, 404],
    [{ __proto__: null, policies: [{ $gt: '' }] }, 400],
  ])('what is to be attached is judged before anything is created: %j', async (more, status) => {
    const before = (await daemon.api.get('/accounts?limit=200', family.root.access)).text
    const body = { name: 'x', username: 'mallory', password: PASSWORD, ...more }
    expect((await daemon.api.post('/auth/client/create', body, family.admin.access)).status).toBe(status)
    expect((await daemon.api.get('/accounts?limit=200', family.root.access)).text).toBe(before)
  })
})

test('G3: an account outside the subtree answers exactly like an absent one', async () => {
  const absent = `cli_${'0'.repeat(26)}`
  const { access } = family.admin
  const pairs = await Promise.all(
    [foreign.client.id, absent].map(async (id) => [
      withoutId(await daemon.api.get(`/accounts/${id}`, access)),
      withoutId(await daemon.api.post(`/accounts/${id}/disable`, {}, access)),
      withoutId(await daemon.api.post(`/accounts/${id}/enable`, {}, access)),
      withoutId(
        await daemon.api.post(
          '/auth/subclient/create',
          { name: 'x', number: '+919876500099', client_id: id },
          access,
        ),
      ),
    ]),
  )
  expect(pairs[0]).toEqual(pairs[1])
  expect(pairs[0]?.map((answer) => answer.status)).toEqual([404, 404, 404, 404])
})

test('G9: of two super-admins, 100 parallel disables leave one that works', async () => {
  const own = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  const { root } = await createFamily(own)
  const second = signedIn(
    await own.api.post(
      '/auth/superadmin/create',
      { name: 'B', username: 'root2', password: PASSWORD },
      root.access,
    ),
  )
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      own.api.post(
        `/accounts/${i % 2 ? root.id : second.id}/disable`,
        {},
        i % 3 ? root.access : second.access,
      ),
    ),
  )
  expect(answers.filter((answer) => answer.status >= 500 && !isCutOff(answer))).toEqual([])
  const logins = await Promise.all(
    ['root', 'root2'].map((username) =>
      own.api.post('/auth/superadmin/login', { username, password: PASSWORD }),
    ),
  )
  expect(logins.filter((login) => login.status === 200)).toHaveLength(1)
  await own.stop()
})

test('G10: without a token, no identity is read from a body: 401 on every route that needs one', async () => {
  const claims = {
    user_id: family.root.id,
    userId: family.root.id,
    id: family.root.id,
    role: 'super-admin',
    client_id: family.client.id,
  }
  for (const route of Object.values(routes) as Route[]) {
    // Applications say who they are in the body, beside a secret that proves it (RFC 6749 section 2.3.1).
    if (route.auth === 'none' || route.auth === 'client') continue
    const path = route.path.replaceAll(/\{\w+\}/g, family.client.id)
    const answer = await daemon.api.call(route.method, path, route.method === 'POST' ? { body: claims } : {})
    expect(answer, route.operationId).toMatchObject({
      status: 401,
      body: { code: 'authentication_required' },
    })
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  }
})
