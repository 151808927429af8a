import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'
import { createClient } from '../../sdk/index.ts'
import { authctl } from '../../sdk/next/index.ts'
import { applicationSession, createVerifier } from '../../sdk/server/index.ts'
import { contract } from '../../sdk/testing/contract.gen.ts'
import { faultOf } from '../../sdk/testing/schema.ts'
import {
  ContractError,
  createFakeDaemon,
  createPolicyDecider,
  createTokenMinter,
  readPolicyFolder,
} from '../../sdk/testing/index.ts'
import { bootstrap } from '../support/accounts.ts'
import { readSource, ROOT } from '../support/source-files.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

describe('S20: a minted token', () => {
  test('is taken by a verifier that knows the keys, at hand or at their address, and by no other', async () => {
    const { issuer, keys, fetch, mint } = await createTokenMinter()
    const token = await mint({ accountId: 'cli_1', role: 'client', clientId: 'shop' })
    for (const options of [{ keys }, { fetch }])
      expect(await createVerifier({ issuer, ...options }).verify(token)).toMatchObject({
        accountId: 'cli_1',
        role: 'client',
        clientId: 'shop',
      })
    const other = createVerifier({ issuer, keys: (await createTokenMinter()).keys })
    await expect(other.verify(token)).rejects.toMatchObject({ fault: 'unknown_key' })
    expect((await fetch('https://auth.test/auth/me')).status).toBe(404)
  })

  test('can have expired', async () => {
    const { issuer, keys, mint } = await createTokenMinter()
    const token = await mint({ issuedAt: Math.floor(Date.now() / 1000) - 1000 })
    const { verify } = createVerifier({ issuer, keys })
    await expect(verify(token)).rejects.toMatchObject({ fault: 'expired' })
  })
})

describe('S20: the fake daemon', () => {
  test('answers every operation with what the contract shows, and holds the test to it', async () => {
    const { on, baseUrl, fetch, minter, requests } = await createFakeDaemon()
    const client = createClient({ baseUrl, fetch, accessToken: await minter.mint({ accountId: 'cli_1' }) })
    expect(await client.auth.me()).toMatchObject({ role: 'super-admin' })
    on('access.check', ({ body }) => ({
      body: {
        allowed: JSON.stringify(body).includes('order/1'),
        decision: 'ALLOW',
        reason: null,
        decision_id: null,
      },
    }))
    const question = { action: 'orders:Read', resource: 'order/1' }
    expect(await client.access.check(question)).toMatchObject({ allowed: true })
    expect(requests.map(({ operation, auth }) => [operation, auth?.accountId])).toEqual([
      ['auth.me', 'cli_1'],
      ['access.check', 'cli_1'],
    ])
    on('access.check', { code: 'overloaded', headers: { 'retry-after': '60' } })
    await expect(client.access.check(question)).rejects.toMatchObject({
      status: 503,
      code: 'overloaded',
      retryAfter: 60,
    })
  })

  test.each([
    [
      'a field that is not there',
      { body: { allowed: true, decision: 'MAYBE' } },
      /\/reason is missing|\/decision/,
    ],
    ['a status that it has not', { status: 418, body: {} }, /statuses 200/],
    ['a code that it has not', { code: 'invalid_credentials' }, /codes .*forbidden/],
  ])('lets no test answer %s', async (_what, answer, message) => {
    const { on, baseUrl, fetch, minter } = await createFakeDaemon()
    expect(() => on('access.check', answer)).toThrow(message)
    on('access.check', () => answer)
    const client = createClient({ baseUrl, fetch, accessToken: await minter.mint() })
    await expect(client.access.check({ action: 'a:B', resource: 'c/1' })).rejects.toThrow(ContractError)
  })

  test('gives tokens to an application, and the errors of OAuth', async () => {
    const { on, baseUrl, fetch, minter, requests } = await createFakeDaemon()
    const application = {
      baseUrl,
      applicationId: 'app_01k3v9xq2m8rjt5w7ybd4gnhce',
      serviceKey: 'a key',
      fetch,
    }
    const asks = () => {
      const client = createClient({ baseUrl, fetch, storage: applicationSession(application) })
      return client.access.check({ action: 'orders:Read', resource: 'order/1' })
    }
    const access_token = await minter.mint({ role: 'application', applicationId: 'app_1' })
    on('oauth.token', { body: { access_token, token_type: 'Bearer', expires_in: 900 } })
    await asks()
    expect(requests.at(-1)?.auth).toMatchObject({ applicationId: 'app_1' })
    for (const [code, told, status] of [
      ['invalid_client', 'invalid_client', 401],
      ['overloaded', 'temporarily_unavailable', 503],
    ] as const) {
      on('oauth.token', { code })
      await expect(asks()).rejects.toMatchObject({ code: told, status })
    }
  })

  test('knows who asks in their own name, and lets no application do so', async () => {
    const { baseUrl, fetch, minter, requests } = await createFakeDaemon()
    const statusAs = async (accessToken: string): Promise<number> =>
      (await fetch(`${baseUrl}/auth/sessions`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status
    expect(await statusAs(await minter.mint({ accountId: 'usr_1' }))).toBe(200)
    expect(requests.at(-1)?.auth).toMatchObject({ accountId: 'usr_1' })
    expect(await statusAs(await minter.mint({ role: 'application' }))).toBe(403)
  })

  test('serves the keys and the questions of a guard', async () => {
    const { on, baseUrl, fetch, minter } = await createFakeDaemon()
    const client = createClient({ baseUrl, fetch, accessToken: await minter.mint() })
    const guard = authctl({ issuer: baseUrl, fetch, client })
    const handler = guard.require(
      'orders:Refund',
      'order/1',
    )((request) => new Response(request.auth.accountId))
    on('access.check', {
      body: { allowed: false, decision: 'DENY_IMPLICIT', reason: null, decision_id: 'x'.repeat(16) },
    })
    const authorization = `Bearer ${await minter.mint()}`
    const answer = await handler(new Request('http://shop.test/', { headers: { authorization } }), undefined)
    expect([answer.status, await answer.json()]).toMatchObject([403, { decision_id: 'x'.repeat(16) }])
  })
})

describe('S20: the decider of a policy folder', () => {
  const FOLDER = 'examples/policies'
  interface Case {
    readonly name: string
    readonly principals: string | string[]
    readonly actions: string | string[]
    readonly resources: string | string[]
    readonly context?: Record<string, number>
    readonly expect: string
  }
  const [principals, cases] = ['reading', 'refunds'].reduce<[Record<string, never>, Case[]]>(
    ([known, all], file) => {
      const read = JSON.parse(readSource(`${FOLDER}/tests/${file}_test.json`)) as {
        principals?: Record<string, never>
        cases?: Case[]
      }
      return [{ ...known, ...read.principals }, [...all, ...(read.cases ?? [])]]
    },
    [{}, []],
  )
  const decider = createPolicyDecider({ ...readPolicyFolder(join(ROOT, FOLDER)), principals })

  test('decides the tests of the folder as the command line does', () => {
    let decided = 0
    for (const { name, context = {}, ...asked } of cases)
      for (const principal of [asked.principals].flat())
        for (const action of [asked.actions].flat())
          for (const resource of [asked.resources].flat()) {
            const { decision, reason } = decider.decide(principal, action, resource, context)
            expect([decision, reason], `${name}: ${principal} ${action} ${resource}`).toEqual([
              asked.expect,
              null,
            ])
            decided++
          }
    expect(decided).toBe(6)
  })

  test('serves a guard, and allows nobody anything whom the test does not name', async () => {
    const { issuer, keys, mint } = await createTokenMinter()
    const guard = authctl({ issuer, keys, decider })
    const handler = guard.require('orders:Refund', 'order/acme/shop/1', { context: { 'orders.total': 500 } })(
      () => new Response('done'),
    )
    const statusFor = async (accountId: string): Promise<number> => {
      const headers = { authorization: `Bearer ${await mint({ accountId })}` }
      return (await handler(new Request('http://shop.test/', { headers }), undefined)).status
    }
    expect([await statusFor('shop'), await statusFor('trial'), await statusFor('nobody')]).toEqual([
      200, 403, 403,
    ])
  })

  test.each([
    [{ a: { role: 'client', creator: 'b' } }, /below b/],
    [{ a: { role: 'client', creator: 'a' } }, /above itself/],
  ] as const)('refuses accounts that are no tree: %j', (tree, message) => {
    expect(() =>
      createPolicyDecider({ documents: [], services: [], attachments: [], principals: tree }),
    ).toThrow(message)
  })
})

describe('S20: what does not fit the contract is refused as by the real daemon', () => {
  let daemon: TestDaemon
  let root: string
  beforeAll(async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    root = (await bootstrap(daemon.api, daemon.dataDir)).access
  })
  afterAll(() => daemon.stop())

  const JSON_BODY = { 'content-type': 'application/json' }
  const FORM_BODY = { 'content-type': 'application/x-www-form-urlencoded' }
  const CODE = { number: '+919876543210' }
  const ID = 'usr_01k3v9xq2m8rjt5w7ybd4gnhce'

  test.each<[string, string, (object | string | undefined)?, Record<string, string>?]>([
    ['POST', '/auth/user/login', { ...CODE, otp: 'x' }],
    ['POST', '/auth/user/login', CODE],
    ['POST', '/auth/otp/send', { ...CODE, phone: '1' }],
    ['POST', '/auth/otp/send', { ...CODE, constructor: 1 }],
    ['POST', '/auth/otp/send', 'no JSON'],
    ['POST', '/auth/otp/send', '[]'],
    ['POST', '/auth/otp/send', CODE, { 'content-type': 'text/plain' }],
    ['POST', '/auth/otp/send', 'number=1', FORM_BODY],
    ['POST', '/access/v1/evaluation', '{}', { 'content-type': 'text/plain' }],
    ['GET', '/mapdirectory/places?near=1,2&limit=many'],
    ['GET', '/mapdirectory/places?colour=red'],
    ['GET', '/accounts', undefined, { authorization: '' }],
    ['GET', '/accounts', undefined, { authorization: 'Bearer' }],
    ['GET', '/accounts', undefined, { authorization: 'Basic eDp5' }],
    ['GET', '/accounts?limit=1&limit=2'],
    ['GET', '/accounts?limit=0x10'],
    ['GET', '/accounts?constructor=1'],
    ['GET', '/accounts/'],
    ['HEAD', '/accounts'],
    ['HEAD', '/no/such/path'],
    ['GET', '//accounts'],
    ['GET', '/accounts/%E0%A4%A'],
    ['GET', '/accounts/nobody'],
    ['GET', '/schemas/none'],
    ['POST', `/accounts/${ID}/disable?zz=1`],
    ['POST', '/auth/logout', {}, { ...JSON_BODY, authorization: 'Bearer x.y.z' }],
    ['POST', '/oauth/token', 'grant_type=client_credentials', FORM_BODY],
    ['POST', '/oauth/token', 'grant_type=client_credentials&client_id=a&client_id=b', FORM_BODY],
    ['POST', '/oauth/token', {}, JSON_BODY],
    ['POST', '/oauth/revoke', 'client_id=app_x', FORM_BODY],
    ['GET', '/no/such/path'],
    ['DELETE', '/auth/otp/send'],
    ['PATCH', '/oauth/token'],
    ['PUT', '/mapdirectory/places'],
    ['POST', `/accounts/${ID}`],
    ['PATCH', '/policies/root'],
  ])('%s %s %j %j', async (method, path, body, headers) => {
    const fake = await createFakeDaemon()
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const isOAuth = path.startsWith('/oauth')
    const initAs = (token: string) => ({
      method,
      headers: { ...JSON_BODY, ...(isOAuth ? {} : { authorization: `Bearer ${token}` }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    })
    interface Refusal {
      readonly code?: string
      readonly error?: string
      readonly errors?: readonly { readonly pointer: string }[]
    }
    /** The fake names the first of several fields at fault. */
    const told = async (answer: Response): Promise<unknown> => {
      const { status, headers: given } = answer
      if (status < 400 || method === 'HEAD')
        return { status, isEmpty: method === 'HEAD' && !(await answer.text()) }
      const { code, error, errors = [] } = (await answer.json()) as Refusal
      return {
        status,
        code,
        error,
        type: given.get('content-type')?.split(';')[0],
        challenge: given.get('www-authenticate'),
        allow: given.get('allow'),
        pointer: errors[0]?.pointer,
      }
    }
    const token = await fake.minter.mint({ role: 'super-admin' })
    expect(await told(await fake.fetch(`${fake.baseUrl}${path}`, initAs(token)))).toEqual(
      await told(await fetch(`${daemon.url}${path}`, initAs(root))),
    )
  })
})

test('S20: a value fits the contract here if it does by another validator', () => {
  const { components } = buildOpenApi({ version: '0', serverUrl: '/' })
  const ajv = new Ajv2020({ strict: false, validateSchema: false })
  addFormats.default(ajv)
  ajv.addSchema({ $id: 'api', components })
  const examples = Object.values(contract.operations)
    .flatMap(({ answers }) => Object.values(answers))
    .filter(({ schema, example }) => schema?.$ref !== undefined && example !== undefined)
  expect(examples.length).toBeGreaterThan(40)
  const junk = fc.oneof(
    fc.constantFrom<unknown>(null, '', 'x', -1, 1.5, true, [], {}, '2026-02-30T00:00:00Z'),
    // Only plain addresses are told apart: what a URI may hold beside them is left to the daemon.
    fc.constantFrom<unknown>({ constructor: 1 }, { toString: 'x' }),
    fc.jsonValue({ stringUnit: fc.constantFrom('a', 'Z', '7', ' ', '"', '/', '_', 'ü') }),
  )
  /** The value with one place of it changed. */
  const changed = (value: unknown, path: readonly number[], to: unknown): unknown => {
    const [at, ...rest] = path
    if (at === undefined || typeof value !== 'object' || value === null) return to
    const entries = Object.entries(value)
    const index = at % (entries.length + 1)
    const copied = entries.map(
      ([key, item], place) => [key, place === index ? changed(item, rest, to) : item] as const,
    )
    if (index === entries.length) copied.push([Array.isArray(value) ? String(index) : 'added', to])
    if (at % 5 === 4) copied.splice(index, 1)
    return Array.isArray(value) ? copied.map(([, item]) => item) : Object.fromEntries(copied)
  }
  let refused = 0
  fc.assert(
    fc.property(
      fc.constantFrom(...examples),
      fc.array(fc.nat(99), { maxLength: 4 }),
      junk,
      (of, path, to) => {
        const value = changed(of.example, path, to)
        const ours = faultOf(of.schema ?? {}, value, contract.schemas)
        const theirs = ajv.validate(`api${of.schema?.$ref}`, value)
        refused += Number(!theirs)
        expect(ours === undefined, `${of.schema?.$ref} ${JSON.stringify(value)} ${ajv.errorsText()}`).toBe(
          theirs,
        )
      },
    ),
    { numRuns: 2000 },
  )
  expect(refused).toBeGreaterThan(1000)
})
