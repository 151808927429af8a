import { execFileSync } from 'node:child_process'
import { createClient } from '@authctl/sdk'
import * as core from '@authctl/sdk/core'
import { expect, test } from 'vitest'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import * as operations from '../../sdk/operations.gen.ts'
import type { Operation } from '../../sdk/operations.gen.ts'
import { ROOT } from '../support/source-files.ts'

/** Parts of a client that are no resource of the API. */
const NO_RESOURCES = new Set(['session', 'raw', 'dispose'])

const methodsOf = (client: object): string[] =>
  Object.entries(client)
    .filter(([name]) => !NO_RESOURCES.has(name))
    .flatMap(([resource, methods]) => Object.keys(methods as object).map((method) => `${resource}.${method}`))

test('every operation has one SDK method of its name, and every method is an operation', () => {
  const methods = methodsOf(createClient({ baseUrl: 'http://127.0.0.1:9' }))
  expect(methods.sort()).toEqual(Object.keys(routes).sort())
})

test('every resource can be chosen for a client of its own', () => {
  const { createCoreClient, ...chosen } = core
  const whole = Object.keys(createClient({ baseUrl: 'http://127.0.0.1:9' }))
  expect(Object.keys(chosen).sort()).toEqual(whole.filter((name) => !NO_RESOURCES.has(name)).sort())
  expect(methodsOf(createCoreClient({ baseUrl: 'http://127.0.0.1:9' }, { otp: core.otp }))).toEqual([
    'otp.send',
  ])
})

test('the SDK’s operations are the route table', () => {
  const known = new Map<string, Operation>(Object.entries(operations))
  expect(known.size).toBe(Object.keys(routes).length)
  for (const { operationId, method, path, auth, idempotent } of Object.values<Route>(routes)) {
    const name = operationId.replace(/\.(.)/, (_dot, letter: string) => letter.toUpperCase())
    const [knownMethod, knownPath, knownAuth = 'access', knownIdempotent] = known.get(name) ?? ['', '']
    expect([knownMethod, knownPath, knownAuth, knownIdempotent === 1]).toEqual([
      method,
      path,
      auth === 'session' ? 'access' : auth,
      idempotent === true,
    ])
  }
})

test('the generated files are up to date', () => {
  expect(() =>
    execFileSync(process.execPath, ['scripts/generate-sdk.ts', '--check'], { cwd: ROOT, stdio: 'pipe' }),
  ).not.toThrow()
})
