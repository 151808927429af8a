import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'
import { createClient } from '../../sdk/index.ts'
import { authctl } from '../../sdk/next/index.ts'
import { createVerifier } from '../../sdk/server/index.ts'
import { contract } from '../../sdk/testing/contract.gen.ts'
import { faultOf } from '../../sdk/testing/schema.ts'
import {
  ContractError,
  createFakeDaemon,
  createPolicyDecider,
  createTokenMinter,
  readPolicyFolder,
} from '../../sdk/testing/index.ts'
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
  beforeAll(async () => {
    daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
  })
  afterAll(() => daemon.stop())

  test.each([
    ['POST', '/auth/user/login', { number: '+919876543210', otp: 'x' }],
    ['POST', '/auth/user/login', { number: '+919876543210' }],
    ['POST', '/auth/otp/send', { number: '+919876543210', phone: '1' }],
    ['POST', '/auth/otp/send', 'no JSON'],
    ['GET', '/mapdirectory/places?near=1,2&limit=many', undefined],
    ['GET', '/mapdirectory/places?colour=red', undefined],
    ['GET', '/accounts', undefined],
    ['GET', '/no/such/path', undefined],
    ['DELETE', '/auth/otp/send', undefined],
  ])('%s %s %j', async (method, path, body) => {
    const fake = await createFakeDaemon()
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const init = {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: text }),
    }
    const told = async (answer: Response): Promise<unknown> => {
      const { code, errors = [] } = (await answer.json()) as { code: string; errors?: { pointer: string }[] }
      return { status: answer.status, code, pointers: errors.map(({ pointer }) => pointer) }
    }
    expect(await told(await fake.fetch(`${fake.baseUrl}${path}`, init))).toEqual(
      await told(await fetch(`${daemon.url}${path}`, init)),
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
