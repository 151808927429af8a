import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, test } from 'vitest'
import { statusOf } from '../../daemon/contract/authentication.ts'
import { ERRORS } from '../../daemon/contract/errors.ts'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'
import { errorsOf } from '../../daemon/contract/route-errors.ts'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { bootstrap } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'

const document = buildOpenApi({ version: '1.2.3', serverUrl: 'https://auth.example.com' })

interface Operation {
  readonly operationId: string
  readonly tags: string[]
  readonly deprecated?: boolean
  readonly 'x-alias-of'?: string
  readonly 'x-authctl-action'?: string
  readonly parameters?: { name: string; in: string }[]
  readonly responses: Record<string, { headers?: object; 'x-authctl-codes'?: string[] }>
}
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation: operation as unknown as Operation,
  })),
)

describe('the OpenAPI document', () => {
  test('is valid against the official schema of OpenAPI 3.1', async () => {
    const validator = new Validator()
    const result = await validator.validate(structuredClone(document) as unknown as Record<string, unknown>)
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  test('the check can fail', async () => {
    const broken = { ...structuredClone(document), paths: { '/x': { get: { responses: 7 } } } }
    expect((await new Validator().validate(broken)).valid).toBe(false)
  })

  test('has each route once, and an alias only of what exists', () => {
    const ids = operations.map(({ operation }) => operation.operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const own = operations.filter(({ operation }) => operation['x-alias-of'] === undefined)
    expect(own.map(({ operation }) => operation.operationId).sort()).toEqual(Object.keys(routes).sort())
    for (const { operation } of operations) {
      if (operation['x-alias-of'] === undefined) continue
      expect(Object.keys(routes)).toContain(operation['x-alias-of'])
      expect(operation.deprecated).toBe(true)
    }
  })

  test('F9: limited routes, and no others, tell of quotas in every answer', () => {
    for (const { operation } of operations) {
      const isLimited = operation.responses['429']?.['x-authctl-codes']?.includes('rate_limited') === true
      for (const { headers } of Object.values(operation.responses))
        expect('RateLimit' in (headers ?? {})).toBe(isLimited)
    }
  })

  test('declares the tags of its operations, and no other', () => {
    const used = new Set(operations.flatMap(({ operation }) => operation.tags))
    expect(new Set(document.tags.map(({ name }) => name))).toEqual(used)
  })

  test('names the action of an operation where the policies are asked, and only there', () => {
    for (const { operation } of operations) {
      const guarded = Object.values(operation.responses).some(
        (response) => response['x-authctl-codes']?.includes('forbidden') === true,
      )
      expect(operation['x-authctl-action'] !== undefined, operation.operationId).toBe(guarded)
    }
  })

  test('the key of a route in the table is its operation id', () => {
    for (const [id, route] of Object.entries(routes) as [string, Route][]) expect(route.operationId).toBe(id)
  })

  test('declares every parameter of every path, and no other', () => {
    for (const { path, operation } of operations) {
      const inTemplate = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      const declared = (operation.parameters ?? [])
        .filter((parameter) => parameter.in === 'path')
        .map((parameter) => parameter.name)
      expect(new Set(declared), path).toEqual(new Set(inTemplate))
      expect(declared).toHaveLength(inTemplate.length)
    }
  })

  test('every error of the catalogue can be answered by some route, under its own status', () => {
    const seen = new Set<string>()
    for (const { path, operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses)) {
        for (const code of response['x-authctl-codes'] ?? []) {
          seen.add(code)
          const form = path.startsWith('/oauth/') ? 'oauth' : 'problem'
          expect(statusOf(form, code as keyof typeof ERRORS)).toBe(Number(status))
        }
      }
    }
    // Paths and methods that are not there belong to no route.
    expect(Object.keys(ERRORS).filter((code) => !seen.has(code))).toEqual(['method_not_allowed'])
  })

  test('is what the daemon serves', async () => {
    const daemon = await startTestDaemon({ PUBLIC_URL: 'https://auth.example.com' })
    const { body, headers } = await daemon.api.get('/openapi.json')
    expect(headers['content-type']).toMatch(/^application\/json/)
    expect({ ...(body as object), info: document.info }).toEqual(document)
    await daemon.stop()
  })

  test('an account under a parent that the caller cannot see is refused with a code that its route lists', async () => {
    const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
    const root = await bootstrap(daemon.api, daemon.dataDir)
    for (const [id, field, prefix] of [
      ['clients.create', 'admin_id', 'adm'],
      ['subclients.create', 'client_id', 'cli'],
    ] as const) {
      const body = { name: 'x', number: '+919876543210', [field]: `${prefix}_${'0'.repeat(26)}` }
      const answer = await daemon.api.post(routes[id].path, body, root.access)
      expect(answer.body['code']).toBe('not_found')
      expect(errorsOf(routes[id]).get(answer.status)).toContain('not_found')
    }
    await daemon.stop()
  })

  test('every documented bold path is there with its method', () => {
    const bold = [
      'GET /',
      'POST /auth/otp/sendotp/{number}',
      'POST /auth/user/login/{number}/{otp}',
      'POST /auth/admin/create',
      'POST /auth/admin/login',
      'POST /auth/client/create',
      'POST /auth/client/login',
      'POST /auth/subclient/create',
      'POST /auth/subclient/login',
      'POST /user/access/setrefreshkey/{new_key}',
      'POST /user/access/regeneratetoken/{refresh_key}',
      'GET /mapdirectory/places/all',
    ]
    const present = operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`)
    expect(bold.filter((path) => !present.includes(path))).toEqual([])
  })
})
