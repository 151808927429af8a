import { headerParametersOf } from '../../../daemon/contract/headers.ts'
import type { Route } from '../../../daemon/contract/route.ts'

/** A request as it is written to the wire. */
interface Bytes {
  readonly method: string
  readonly target: string
  /** Several values of one header are several lines. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  /** In latin1. */
  readonly body?: string
  /** Whose token is sent. */
  readonly as?: string
}

/** One request, and what it is called in the record. */
export interface Case {
  readonly name: string
  readonly bytes: Bytes
}

/** The one origin that browsers may call from. */
export const ORIGIN = 'https://app.example'

/** What a browser asks before it calls. */
const PREFLIGHT = {
  method: 'OPTIONS',
  headers: { Origin: ORIGIN, 'Access-Control-Request-Method': 'POST' },
} as const

const DEFAULT_MAX_BYTES = 16 * 1024

/** Fills a template with values that name nothing there is. */
const fill = (template: string): string =>
  template.replace(/\{(\w+)\}/g, (_match, name: string) =>
    name === 'number' ? '%2B919876500099' : `no-${name}`,
  )

const lines = ([name, values]: readonly [string, string | readonly string[]]): string[] =>
  [values].flat().map((value) => `${name}: ${value}\r\n`)

/** The request as bytes; it asks for the connection to be closed, and names itself where it does not say. */
export const wireBytes = ({ bytes }: Case, bearers: Readonly<Record<string, string>>): Buffer => {
  const { method, target, body = '', as } = bytes
  const headers = {
    Host: 'id.example',
    Connection: 'close',
    'X-Request-Id': 'request',
    ...(as === undefined ? {} : { Authorization: `Bearer ${bearers[as]}` }),
    ...(body === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }),
    ...bytes.headers,
  }
  const head = Object.entries(headers).flatMap(lines).join('')
  return Buffer.from(`${method} ${target} HTTP/1.1\r\n${head}\r\n${body}`, 'latin1')
}

const bodyCases = (route: Route, target: string): Case[] => {
  const { method, maxBodyBytes = DEFAULT_MAX_BYTES } = route
  const of = (name: string, body: string, headers: Bytes['headers'] = {}): Case => ({
    name: `${name}: ${method} ${target}`,
    bytes: { method, target, as: 'root', headers, body },
  })
  return [
    of('half an object', '{'),
    of('a list', '[]'),
    of('another type', '{}', { 'Content-Type': 'text/plain' }),
    of('an unknown field', '{"surplus":1}'),
    of('too many bytes', `{"a":"${'a'.repeat(maxBodyBytes)}"}`),
    of('in chunks', '2\r\n{}\r\n0\r\n\r\n', { 'Content-Length': [], 'Transfer-Encoding': 'chunked' }),
  ]
}

const casesOfPath = (route: Route, template: string): Case[] => {
  const { method } = route
  const target = fill(template)
  const of = (name: string, bytes: Partial<Bytes>): Case => {
    const whole = { method, target, headers: {}, ...bytes }
    return { name: `${name}: ${whole.method} ${whole.target}`, bytes: whole }
  }
  const headers = Object.fromEntries(headerParametersOf(route).map((header) => [header.name, '"1"']))
  return [
    of('anonymous', {}),
    of('from a browser', { headers: { Origin: ORIGIN } }),
    of('preflight', { ...PREFLIGHT }),
    of('another method', { method: 'PROPFIND' }),
    of('HEAD', { method: 'HEAD', as: 'root' }),
    of('capital letters', { target: target.toUpperCase() }),
    of('slash at the end', { target: `${target}/` }),
    of('unknown parameter', { target: `${target}?surplus=1`, as: 'root' }),
    of('user', { as: 'user' }),
    of('sub-client', { as: 'sub-client' }),
    of('root', { as: 'root', headers }),
    ...(route.body === undefined ? [] : bodyCases(route, target)),
  ]
}

/** Every kind of request to a route, at its path and at its alias. */
export const casesOfRoute = (route: Route): Case[] => [
  ...casesOfPath(route, route.path),
  ...(route.alias === undefined ? [] : casesOfPath(route, route.alias)),
]

/** A request, called by what it says. */
export const at = (method: string, target: string, more: Partial<Bytes> = {}, name = ''): Case => ({
  name: `${name}${name === '' ? '' : ': '}${method} ${target} ${JSON.stringify(more.headers ?? {})}`,
  bytes: { method, target, headers: {}, ...more },
})

const AS_ROOT = { as: 'root' } as const
const asRoot = (headers: Bytes['headers']): Partial<Bytes> => ({ as: 'root', headers })

const PATHS: readonly Case[] = [
  '//auth/me',
  '/auth//me',
  '/auth/me//',
  '/auth/%6De',
  '/auth/./me',
  '/auth/../auth/me',
  '/auth\\me',
  '/auth/me?',
  '/auth/me?&',
  '/auth/me?=',
  '/auth/me?__proto__=1',
  '/auth/me#top',
  '/auth/me?a=1#top',
  '/#',
  'http://id.example/auth/me',
  'http://id.example/auth/me?',
  'http://id.example/auth\\me',
  'http://id.example',
  'ftp://id.example/auth/../auth/me',
  '//',
  '/?surplus=1',
  '/healthz?surplus=1',
  '/healthz/?surplus=1',
  '/accounts/',
  '/accounts//',
  '/accounts/%20',
  '/accounts/a%2Fb',
  '/accounts/a%2fb/sessions',
  '/accounts//sessions',
  '/accounts/%zz',
  '/accounts/%ff',
  '/accounts/%00',
  '/accounts/\xe9',
  '/accounts?limit=%zz',
  '/accounts?limit=1&limit=2',
  '/accounts?limit=two',
  '/accounts?limit=0',
  '/accounts?limit=+1',
  '/accounts?limit[]=1',
  '/accounts?role=admin&limit=1',
  '/accounts?cursor=x',
  '/accounts?Limit=1',
  '/accounts;a=b',
  '/policies/revisions',
  '/policies/revisions/no-id',
  '/policies/root%2Fno-name',
  '/policies/authctl:SuperAdmin?',
  '/policies/constructor',
  '/schemas/policy',
  '/schemas/policy.schema.json',
  '/mapdirectory/places/all',
  '/mapdirectory/places/all/',
  '/mapdirectory/places/All',
  '/no/route',
  '/',
  '',
].flatMap((target) => [at('GET', target || '/.', AS_ROOT), at('DELETE', target || '/.', {})])

const HEADERS: readonly Case[] = [
  ...['Authorization', 'Content-Type', 'Host', 'Idempotency-Key', 'Origin', 'X-Request-Id'].map((name) =>
    at('GET', '/auth/me', { headers: { [name]: ['a', 'a'] } }, 'repeated'),
  ),
  at('GET', '/auth/me', { headers: { Accept: ['a', 'a'], 'If-Match': ['"1"', '"2"'] } }, 'repeated'),
  ...['Basic YTpi', 'Bearer', 'bearer a.b.c', 'Bearer  a', 'Bearer a,b', 'Bearer a b', 'Bearerx', ''].map(
    (value) => at('GET', '/auth/me', { headers: { Authorization: value } }),
  ),
  ...['', 'a'.repeat(65), 'a b', 'A-1_b.c'].map((value) =>
    at('GET', '/auth/me', asRoot({ 'X-Request-Id': value })),
  ),
  at('GET', '/auth/me', asRoot({ 'X-Request-Id': [] })),
  ...[`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, 'no-trace'].map((value) =>
    at('GET', '/auth/me', asRoot({ traceparent: value })),
  ),
  ...['10.0.0.1', '10.0.0.1, 10.0.0.2', ' , ,10.0.0.3 ', 'no address', '', '::1'].map((value) =>
    at('GET', '/auth/me', { headers: { 'X-Forwarded-For': value } }),
  ),
  ...['"1"', 'W/"1"', '*', '1', ''].flatMap((value) => [
    at('PUT', '/services/shop', { ...asRoot({ 'If-Match': value }), body: '{"Service":"shop"}' }),
    at('DELETE', '/policies/no-name', asRoot({ 'If-Match': value })),
    at('GET', '/mapdirectory/places/all', asRoot({ 'If-None-Match': value })),
  ]),
  at('GET', '/mapdirectory/places/all', asRoot({ 'If-None-Match': 'W/"places-0", "b"' })),
  at('HEAD', '/mapdirectory/places/all', AS_ROOT),
  ...[ORIGIN, 'https://other.example', 'null'].flatMap((origin) => [
    at('GET', '/healthz', { headers: { Origin: origin } }),
    at('OPTIONS', '/healthz', { headers: { Origin: origin } }),
    at('OPTIONS', '/no/route', { headers: { ...PREFLIGHT.headers, Origin: origin } }),
    at('OPTIONS', '/auth/%zz', { headers: { ...PREFLIGHT.headers, Origin: origin } }),
  ]),
  at('OPTIONS', '*'),
  at('GET', '/auth/me', { headers: { Expect: '100-continue' }, as: 'root' }),
  at('TRACE', '/auth/me'),
  at('HEAD', '/no/route'),
  at('HEAD', '/auth/logout', AS_ROOT),
]

const SEND = ['POST', '/auth/otp/send'] as const
const sending = (name: string, body: string, headers: Bytes['headers'] = {}): Case =>
  at(...SEND, { body, headers }, name)
const NUMBER = '{"number":"+919876500077"}'
const IMPORT = '{"type":"FeatureCollection","features":[]}'
const importing = (key: string, body = IMPORT): Case =>
  at('POST', '/mapdirectory/places/import', { ...asRoot({ 'Idempotency-Key': key }), body })

const BODIES: readonly Case[] = [
  sending('first', NUMBER),
  sending('too soon', NUMBER),
  sending('with an encoding', NUMBER, { 'Content-Encoding': 'gzip' }),
  ...[
    'application/json;charset=UTF-8',
    'application/json; charset="utf8"',
    'application/json; charset=latin1',
    'APPLICATION/JSON ;',
    'application/geo+json',
    '',
  ].map((type) => sending('type', '{}', { 'Content-Type': type })),
  ...[
    '""',
    'null',
    ' ',
    ' {}',
    '{"number":1}',
    '{"number":"\xff"}',
    '{"number":"\\ud800"}',
    '\xef\xbb\xbf',
    '\xef\xbb\xbf{}',
    '{"__proto__":{}}',
    '{"number":"1","number":"2"}',
    `{"a":${'['.repeat(20)}${']'.repeat(20)}}`,
    `{"a":[${'1,'.repeat(200)}1]}`,
  ].map((body) => sending(`body ${body.slice(0, 20)}`, body)),
  sending('no length', '', { 'Content-Type': 'application/json' }),
  sending('length of nothing', '', { 'Content-Type': 'text/plain', 'Content-Length': '0' }),
  sending('no chunks', '0\r\n\r\n', { 'Content-Length': [], 'Transfer-Encoding': 'chunked' }),
  at('GET', '/auth/me', { as: 'root', body: '{}' }),
  at('GET', '/auth/me', { as: 'root', body: '{"a":1}' }),
  at('GET', '/auth/me', { body: '{' }),
  at('POST', '/auth/otp/sendotp/+919876500078', { body: '{"number":"+919876500079"}' }),
  at('POST', '/auth/otp/sendotp/%2B919876500078', {}),
  at('POST', '/auth/otp/sendotp/constructor', {}),
  at('POST', '/auth/user/login/+919876500078/000000', {}),
  at('POST', '/auth/user/login', { body: '{"number":"+919876500078","otp":"000000"}' }),
  at('POST', '/auth/admin/login', { body: '{"username":"asha"}' }),
  at('POST', '/auth/admin/login', { body: '{"username":"asha","passwort":"a"}' }),
  importing('key'),
  importing('key'),
  importing('key', IMPORT.replace('[]', '[1]')),
  importing('a key'),
  importing(''),
  at('POST', '/mapdirectory/places/import', {
    ...asRoot({ 'Content-Type': 'application/geo+json' }),
    body: IMPORT,
  }),
  at('POST', '/access/check', { as: 'root', body: '{"action":"shop:Buy","resource":"cart/1"}' }),
]

const PAGES: readonly Case[] = [
  '/docs',
  '/docs/',
  '/redoc',
  '/openapi.json',
  '/openapi.json?a=1',
  '/docs/assets/none.js',
  '/docs/assets/swagger-init.js',
  '/docs/assets/..%2f..%2fpackage.json',
  '/DOCS',
].flatMap((target) => ['GET', 'HEAD', 'POST', 'OPTIONS'].map((method) => at(method, target)))

/** Requests of which one route is enough, and those that are to no route. */
export const SINGLE_CASES: readonly Case[] = [...PATHS, ...HEADERS, ...BODIES, ...PAGES]

/** What a daemon answers otherwise that trusts no proxy, serves no other origin, and has no pages. */
export const PLAIN_CASES: readonly Case[] = [
  at('GET', '/auth/me', { headers: { Origin: ORIGIN, 'X-Forwarded-For': '10.0.0.1' } }),
  at('OPTIONS', '/auth/me', PREFLIGHT),
  at('GET', '/healthz', { headers: { Origin: ORIGIN } }),
  at('HEAD', '/healthz', {}),
  at('GET', '/docs'),
  at('GET', '/metrics'),
]

/** What a daemon answers that is about to end. */
export const LAST_CASES: readonly Case[] = [
  at('GET', '/auth/me'),
  at('GET', '/readyz'),
  at('GET', '/healthz'),
  at('GET', '/no/route'),
]
