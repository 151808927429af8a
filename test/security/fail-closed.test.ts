import { beforeAll, describe, expect, test } from 'vitest'
import { exampleOf } from '../../daemon/contract/example.ts'
import { isGuarded, type Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import type { SessionId } from '../../daemon/domain/session.ts'
import { StoreFailure, type Store } from '../../daemon/ports/stores/index.ts'
import { createAuthenticate } from '../../daemon/usecases/access/authenticate.ts'
import type { Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { policyOf, put } from '../support/policy-calls.ts'
import { readStored } from '../support/test-store.ts'

let daemon: TestDaemon
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

/** An application of the client. */
let application: string
beforeAll(async () => {
  const { body } = await daemon.api.post('/applications', { name: 'Shop' }, family.client.access)
  application = String((body['application'] as { id: string } | undefined)?.id)
})

const GUARDED = (Object.values(routes) as Route[]).filter(isGuarded)
const READING = GUARDED.filter(({ method }) => method === 'GET')
/** What a reader says of itself changes nothing of others. */
const OWN_REPORT = 'agents.report'
const WRITING = GUARDED.filter(({ method, operationId }) => method !== 'GET' && operationId !== OWN_REPORT)

const plainExample = (schema: object): unknown => exampleOf(JSON.parse(JSON.stringify(schema)) as object)

/** A request of the route that is valid, about the account, or its application, that the path names. */
const requestOf = (route: Route, id: string) => {
  const named = plainExample(route.params ?? {}) as Record<string, string>
  const target = route.target === 'application' ? application : id
  const params = route.target === undefined ? named : { ...named, id: target }
  return {
    path: route.path.replaceAll(/\{(\w+)\}/g, (_text, name: string) => String(params[name])),
    options: {
      ...(route.body === undefined ? {} : { body: plainExample(route.body) }),
      ...(route.precondition === true ? { headers: { 'if-none-match': '*' } } : {}),
    },
  }
}

/** All that a caller can change, without what a request leaves by itself. */
const stateOf = async (): Promise<unknown> => {
  const { api } = daemon
  const token = family.root.access
  const lists = await Promise.all(
    ['/policies', '/services', '/attachments', '/mapdirectory/places'].map((path) => api.get(path, token)),
  )
  const accounts = await readStored(daemon.dataDir, 'accounts')
  const applications = await readStored(daemon.dataDir, 'applications')
  const sessions = await readStored(daemon.dataDir, 'sessions')
  return [lists.map(({ body }) => body), accounts, applications, sessions.map(({ id }) => id)]
}

describe('G7: who may only read changes nothing', () => {
  test('by no route, and reads all the same', async () => {
    const { admin, client, root } = family
    const actions = [...new Set(READING.map(({ action }) => action))]
    const reading = policyOf('reading', { Effect: 'Allow', Action: actions, Resource: '*' })
    await put(daemon.api, '/policies/reading', { token: root.access, body: reading })
    const bound = await daemon.api.call('PUT', `/accounts/${admin.id}/boundary`, {
      token: root.access,
      body: { policy: 'reading' },
    })
    expect(bound.status).toBe(200)
    const before = await stateOf()
    for (const route of WRITING) {
      const { path, options } = requestOf(route, client.id)
      const answer = await daemon.api.call(route.method, path, { ...options, token: admin.access })
      expect(answer, route.operationId).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    }
    expect(await stateOf()).toEqual(before)
    for (const path of ['/auth/me', `/accounts/${client.id}`, '/accounts', '/mapdirectory/places'])
      expect((await daemon.api.get(path, admin.access)).status, path).toBe(200)
  })

  test('questions and plans change nothing for any caller', async () => {
    const before = await stateOf()
    const asking = WRITING.filter(({ operationId }) => /^access\.|\.plan$|\.check$/.test(operationId))
    expect(asking.length).toBeGreaterThan(2)
    for (const route of asking) {
      const { path, options } = requestOf(route, family.client.id)
      const answer = await daemon.api.call(route.method, path, { ...options, token: family.root.access })
      expect(answer.status, route.operationId).toBeLessThan(500)
    }
    expect(await stateOf()).toEqual(before)
  })
})

describe('G11: what cannot be read is refused', () => {
  const { access } = { access: () => family.root.access }

  test.each([
    ['an empty header', () => ''],
    ['a scheme alone', () => 'Bearer'],
    ['another scheme', () => `Basic ${Buffer.from(`root:${access()}`).toString('base64')}`],
    ['two tokens', () => `Bearer ${access()}, Bearer ${access()}`],
    ['a token that is cut off', () => `Bearer ${access().slice(0, -1)}`],
    ['a token without a scheme', () => access()],
    ['a token in quotes', () => `Bearer "${access()}"`],
    ['a tab for a space', () => `Bearer\t${access()}`],
  ])('%s in place of a token, on every route that needs one', async (_name, header) => {
    for (const route of GUARDED) {
      const { path, options } = requestOf(route, family.client.id)
      const headers = { ...options.headers, authorization: header() }
      const answer = await daemon.api.call(route.method, path, { ...options, headers })
      expect([400, 401], `${route.operationId}: ${answer.text}`).toContain(answer.status)
    }
  })

  test.each(['authctl=', 'session=%00; authorization=x', ';;;=', 'access_token=', '__proto__=1'])(
    'a cookie is nobody: %s',
    async (cookie) => {
      const answer = await daemon.api.call('GET', '/auth/me', {
        headers: { cookie: `${cookie}${family.root.access}` },
      })
      expect(answer.status).toBe(401)
    },
  )

  test('a store that fails is no caller: nothing is answered from what was known', async () => {
    const failing = () => Promise.reject(new StoreFailure('unavailable', 'gone'))
    const session = { accountId: family.root.id, id: 'ses_1' as SessionId }
    const stores: Partial<Record<'sessions' | 'accounts', object>>[] = [
      { sessions: { get: failing }, accounts: { getLineageOf: () => Promise.resolve([]) } },
      { sessions: { get: () => Promise.resolve(session) }, accounts: { getLineageOf: failing } },
    ]
    const signer = { verify: () => Promise.resolve({ sid: 'ses_1', sub: family.root.id }) }
    for (const store of stores) {
      const authenticate = createAuthenticate({
        store: store as unknown as Store,
        signer: signer as unknown as Parameters<typeof createAuthenticate>[0]['signer'],
        clock: daemon.clock,
        vault: { digest: (token) => token },
      })
      await expect(authenticate('x', { ignoreExpiry: false })).rejects.toThrow(StoreFailure)
    }
  })
})
