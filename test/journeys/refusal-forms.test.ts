import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AUTHENTICATION, BODY_FORMS, ERROR_FORMS } from '../../daemon/contract/authentication.ts'
import { exampleOf } from '../../daemon/contract/example.ts'
import { buildOpenApi } from '../../daemon/contract/openapi.ts'
import type { Route } from '../../daemon/contract/route.ts'
import { errorsOf } from '../../daemon/contract/route-errors.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { Failure } from '../../daemon/domain/failure.ts'
import { openExchange } from '../../daemon/http/exchange.ts'
import { sendFailure, toFailure } from '../../daemon/http/failures.ts'
import { mountRoutes, type FindRoute } from '../../daemon/http/mount.ts'
import { StoreFailure } from '../../daemon/ports/stores/index.ts'
import { createJudge, type Document } from '../fuzz/verdict.ts'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const TABLE = Object.values(routes) as Route[]
const document = buildOpenApi({ version: '1.2.3', serverUrl: 'https://id.example' }) as unknown as Document
const judge = createJudge(document, { mayFail: true })

const targetOf = ({ path, params = {} }: Route): string => {
  const named = exampleOf(JSON.parse(JSON.stringify(params)) as object) as Record<string, unknown>
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(String(named[name])))
}

interface Refusal {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly text: string
}

const answersIn = (text: string): Refusal[] =>
  text
    .split(/(?=HTTP\/1\.1 [2-5]\d\d )/)
    .filter((part) => part !== '')
    .map((part) => {
      const [head = '', ...body] = part.split('\r\n\r\n')
      const [line = '', ...lines] = head.split('\r\n')
      const headers = lines.map((each): [string, string] => {
        const [name = '', ...value] = each.split(': ')
        return [name.toLowerCase(), value.join(': ')]
      })
      return { status: Number(line.split(' ')[1]), headers: new Map(headers), text: body.join('\r\n\r\n') }
    })

/** What is wrong with a refusal of a route, by what that declares and what the document says of it. */
const faultOf = (route: Route, method: string, { status, headers, text }: Refusal): string | undefined => {
  const kind = AUTHENTICATION[route.auth]
  if (status < 400) return `${status} is no refusal`
  const [type] = (headers.get('content-type') ?? '').split(';')
  if (type !== ERROR_FORMS[kind.errorForm].contentType) return `${status} is of the type ${type}`
  if ('headers' in kind && headers.get('pragma') !== 'no-cache') return `${status} without Pragma`
  const fields = Object.keys(JSON.parse(text) as object)
  if (kind.errorForm === 'oauth' && fields.join() !== 'error,error_description')
    return `${status} has the fields ${fields.join()}`
  return judge({ method, target: targetOf(route) }, { status, headers, text })
}

const faults = (asked: readonly (readonly [Route, string])[], answers: readonly Refusal[]): string[] =>
  asked.flatMap(([route, method], index) => {
    const answer = answers[index]
    const fault = answer === undefined ? 'no answer' : faultOf(route, method, answer)
    return fault === undefined ? [] : [`${route.operationId}: ${fault}`]
  })

/** All of the table can wait at once, and more cannot. */
const MOST_WAITING = 150
/** At the most so many begin in one turn of the event loop. */
const MOST_BEGUN = 64

let daemon: TestDaemon
let root: string
beforeAll(async () => {
  daemon = await startTestDaemon({
    AUTHCTL_RATE_LIMITS: 'off',
    AUTHCTL_MAX_WAITING_REQUESTS: `${MOST_WAITING}`,
  })
  await bootstrap(daemon.api, daemon.dataDir)
  const body = { username: 'root', password: PASSWORD }
  root = signedIn(await daemon.api.post('/auth/superadmin/login', body)).access
})
afterAll(() => daemon.stop())

/** A probe is answered however much is asked; then the connection ends. */
const LAST = 'GET /healthz HTTP/1.1\r\nHost: id.example\r\nConnection: close\r\n\r\n'

/** Sends requests one behind the other on one connection, all at once; the answers come in their order. */
const pipeline = async (requests: readonly string[]): Promise<Refusal[]> => {
  const socket = connect(Number(new URL(daemon.url).port), '127.0.0.1')
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk))
  socket.write(`${requests.join('')}${LAST}`, 'latin1')
  await once(socket, 'close')
  return answersIn(text).slice(0, -1)
}

interface Asked {
  readonly method?: string
  readonly target?: string
  readonly headers?: readonly string[]
  readonly body?: string
}

/** A request that names its caller, unless the route leaves that to the body. */
const requestTo = (route: Route, { method = route.method, target, headers = [], body }: Asked): string => {
  const caller = AUTHENTICATION[route.auth].isGuarded ? [`Authorization: Bearer ${root}`] : []
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`]
  const lines = ['Host: id.example', ...caller, ...headers, ...length]
  return `${method} ${target ?? targetOf(route)} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/** What is wrong with the refusals of one request to each route. */
const refusals = async (table: readonly Route[], asked: (route: Route) => Asked): Promise<string[]> => {
  const answers = await pipeline(table.map((route) => requestTo(route, asked(route))))
  return faults(
    table.map((route) => [route, asked(route).method ?? route.method] as const),
    answers,
  )
}

describe('I6, H13: whatever refuses a request answers in the form of its route, as the document says', () => {
  const at = (more: string) => (route: Route) => ({ target: `${targetOf(route)}${more}` })
  const twice = (name: string, value: string) => () => ({
    headers: [`${name}: ${value}`, `${name}: ${value}`],
  })
  test.each<[string, (route: Route) => Asked]>([
    ['a query that is not UTF-8', at('?%ED%A0%80=1')],
    ['a query that is not encoded', at('?a=%')],
    ['a whole URL whose query is not UTF-8', (route) => ({ target: `http://a.b${targetOf(route)}?%FF` })],
    ['a fragment behind a query that is not UTF-8', at('?%FF#top')],
    ['two that may call', twice('Authorization', 'Basic YTpi')],
    ['two types', twice('Content-Type', 'application/json')],
    ['two hosts', twice('Host', 'id.example')],
    ['a method that is nowhere', () => ({ method: 'PROPFIND' })],
    ['a preflight of nobody', () => ({ method: 'OPTIONS' })],
    ['an expectation that nobody knows', (route) => ({ ...at('?%FF')(route), headers: ['Expect: wonders'] })],
  ])('%s', async (_name, asked) => {
    expect(await refusals(TABLE, asked)).toEqual([])
  })

  // The schemas of a route are compiled before its body is read: all of OAuth, and one of each other kind.
  const withBody = TABLE.filter(
    ({ body, auth }, index) =>
      body !== undefined &&
      (AUTHENTICATION[auth].errorForm === 'oauth' ||
        TABLE.findIndex((other) => other.auth === auth && other.body !== undefined) === index),
  )
  const typed = (route: Route, body: string, more: readonly string[] = []): Asked => {
    const { contentType } = BODY_FORMS[AUTHENTICATION[route.auth].bodyForm]
    return { body, headers: [`Content-Type: ${contentType}`, ...more] }
  }
  const tooMany = ({ maxBodyBytes = 16 * 1024 }: Route): string => 'a'.repeat(maxBodyBytes + 1)
  test.each<[string, (route: Route) => Asked]>([
    ['a body that is not UTF-8', (route) => typed(route, 'a=\xff')],
    ['a body that is no form and no JSON', (route) => typed(route, 'a=%&{')],
    ['a body with something twice', (route) => typed(route, 'a=1&a=1')],
    ['a body that is too large', (route) => typed(route, tooMany(route))],
    ['a body of another type', () => ({ body: '<a/>', headers: ['Content-Type: text/xml'] })],
    ['a body of no type', () => ({ body: '{}' })],
    ['a compressed body', (route) => typed(route, 'a=1', ['Content-Encoding: gzip'])],
  ])('%s', async (_name, asked) => {
    expect(await refusals(withBody, asked)).toEqual([])
  })

  test('more than may wait', async () => {
    // What is read in one turn of the event loop: more than may begin in it.
    const first = Array.from(
      { length: MOST_BEGUN + MOST_WAITING },
      () => 'GET /auth/me HTTP/1.1\r\nHost: id.example\r\n\r\n',
    )
    const table = TABLE.filter(({ path }) => !['/healthz', '/readyz'].includes(path))
    const answers = await pipeline([...first, ...table.map((route) => requestTo(route, {}))])
    expect(answers).toHaveLength(first.length + table.length)
    const asked = table.map((route) => [route, route.method] as const)
    expect(faults(asked, answers.slice(first.length))).toEqual([])
    expect(new Set(answers.slice(first.length).map(({ status }) => status))).toEqual(new Set([503]))
  })
})

/** What is answered where nothing but a failure comes of a request. */
const refusalBy = async (find: FindRoute, { method, target }: { method: string; target: string }) => {
  const said: Refusal[] = []
  const headers: [string, string][] = []
  const response = {
    headersSent: false,
    writeHead: (status: number, list: readonly string[]) => {
      for (let at = 0; at < list.length; at += 2)
        headers.push([list[at]?.toLowerCase() ?? '', list[at + 1] ?? ''])
      said.push({ status, headers: new Map(headers), text: '' })
    },
    end: (text: string) => said.push({ ...(said.pop() as Refusal), text }),
  }
  const request = { method, url: target, headers: {}, rawHeaders: [], socket: {} }
  const exchange = openExchange(request as never, response as never, undefined)
  const answer = find(exchange, { path: target, query: {} })
  await answer?.().catch((error: unknown) => sendFailure(exchange, toFailure(error)))
  return said
}

test('I6, H13: so does every failure that a route documents, one of the store, and one that nobody expects', async () => {
  let thrown = new Error('none yet')
  const refuse = (): Promise<never> => Promise.reject(thrown)
  const find = mountRoutes({
    routes,
    handlers: Object.fromEntries(Object.keys(routes).map((id) => [id, refuse])),
    authenticate: refuse,
    authorize: refuse,
    idempotently: refuse,
    recordRefusal: () => undefined,
  })
  const found: string[] = []
  for (const route of TABLE) {
    const documented = [...errorsOf(route).values()].flat()
    for (const each of [
      ...documented.map((code) => new Failure(code, { retryAfterSeconds: 1 })),
      new StoreFailure('unavailable', 'a test'),
      new Error('a test'),
    ]) {
      thrown = each
      const asked = { method: route.method, target: targetOf(route) }
      found.push(...faults([[route, route.method]], await refusalBy(find, asked)))
    }
  }
  expect(found).toEqual([])
})
