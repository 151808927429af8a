import type { IncomingMessage, ServerResponse } from 'node:http'
import { Router, type Request, type Response } from 'express'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { loadPart, PART_GONE } from '../../daemon/domain/part.ts'
import { openExchange } from '../../daemon/http/exchange.ts'
import { mountRoutes } from '../../daemon/http/mount.ts'

const TABLE: readonly Route[] = Object.values(routes)
const TEMPLATES = TABLE.flatMap((route) => [route.path, ...(route.alias === undefined ? [] : [route.alias])])
const refused = new Failure('authentication_required')

/** Which route answers, with which parameters; `Allow` where the path has other methods only. */
type Chosen = { id: string; params: object } | { allow: string } | undefined

let chosen: Chosen
const find = mountRoutes({
  routes,
  handlers: Object.fromEntries(Object.keys(routes).map((id) => [id, () => Promise.reject(refused)])),
  authenticate: () => Promise.reject(refused),
  authorize: () => Promise.reject(refused),
  idempotently: () => Promise.reject(refused),
  recordRefusal: ({ operationId }, { params }) => {
    chosen = { id: operationId, params: { ...params } }
  },
})

const choose = async (method: string, path: string): Promise<Chosen> => {
  const exchange = openExchange(
    { method, headers: {} } as IncomingMessage,
    {} as unknown as ServerResponse,
    undefined,
  )
  chosen = undefined
  await find(exchange, { path, query: {} })?.().catch(() => undefined)
  const at = exchange.headers.indexOf('Allow')
  return at === -1 ? chosen : { allow: exchange.headers[at + 1] ?? '' }
}

/** The same table in the order of the table, as Express reads it. */
const express = (() => {
  const router = Router({ caseSensitive: true })
  const methods = new Map<string, string[]>()
  const mount = (route: Route, template: string): void => {
    const path = template.replace(/\{(\w+)\}/g, ':$1')
    router[route.method.toLowerCase() as 'get'](path, ({ params }, _response) => {
      chosen = { id: route.operationId, params: { ...params } }
    })
    const more = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]
    methods.set(path, [...(methods.get(path) ?? []), ...more])
  }
  for (const route of TABLE) {
    mount(route, route.path)
    if (route.alias !== undefined) mount(route, route.alias)
  }
  for (const [path, allowed] of methods)
    router.all(path, () => {
      chosen = { allow: allowed.join(', ') }
    })
  return (method: string, url: string): Chosen => {
    chosen = undefined
    router({ method, url } as Request, {} as Response, () => undefined)
    return chosen
  }
})()

test('a route whose files are gone, as the package was replaced, answers that the daemon has to be restarted', async () => {
  const gone: Route = { ...routes['otp.send'], operationId: 'otp.gone' }
  const answer = mountRoutes({
    routes: { [gone.operationId]: gone },
    handlers: { [gone.operationId]: () => Promise.reject(refused) },
    authenticate: () => Promise.resolve(undefined as never),
    authorize: () => Promise.reject(refused),
    idempotently: () => Promise.reject(refused),
    recordRefusal: () => undefined,
  })
  const exchange = openExchange(
    { method: gone.method, headers: {} } as IncomingMessage,
    {} as unknown as ServerResponse,
    undefined,
  )
  const answered = answer(exchange, { path: gone.path.replace(/\{\w+\}/g, 'x'), query: {} })?.()
  await expect(answered).rejects.toMatchObject({ code: 'unavailable', reason: PART_GONE })
})

test('a part whose file is gone is unavailable, and loaded by who asks next', async () => {
  const files = ['./no-such-part.ts', '../../daemon/domain/part.ts']
  const load = () => loadPart(() => import(files.shift() ?? ''))
  await expect(load()).rejects.toMatchObject({ code: 'unavailable', reason: PART_GONE, retryAfterSeconds: 5 })
  expect(await load()).toHaveProperty('loadPart')
})

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']

test('every path of the table, filled with anything that fits, goes to the route to which a router takes it', async () => {
  const odd = [
    'a',
    '',
    'A',
    '%2F',
    '%20',
    'me',
    '..',
    '.',
    'plan',
    'all',
    'a.b',
    ':id',
    '{id}',
    '*',
    '__proto__',
    'é',
  ]
  const words = [...new Set(TEMPLATES.flatMap((template) => template.split('/')))].filter(
    (word) => word !== '' && !word.includes('{'),
  )
  const part = fc.oneof(fc.constantFrom(...odd), fc.constantFrom(...words))
  const filled = fc
    .tuple(fc.constantFrom(...TEMPLATES), fc.array(part, { minLength: 3, maxLength: 3 }))
    .map(([template, parts]) => {
      let next = 0
      return template.replace(/\{\w+\}/g, () => encodeURI(parts[next++] ?? '').replaceAll('%25', '%'))
    })
  const built = fc
    .array(part, { maxLength: 5 })
    .map((parts) => `/${parts.map(encodeURI).join('/')}`.replaceAll('%25', '%'))
  const path = fc
    .tuple(fc.oneof(filled, built), fc.constantFrom('', '', '/', '//'))
    .map((parts) => parts.join(''))
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...METHODS), path, async (method, sent) => {
      expect(await choose(method, sent)).toEqual(express(method, sent))
    }),
    { numRuns: 3000 },
  )
})
