import fc from 'fast-check'
import { FORM } from '../support/api.ts'
import { createChance, type Chance } from './chance.ts'
import { mutate } from './mutation.ts'
import { anyText, anyValue, valueOf, type Lookup, type Schema } from './values.ts'

/** An operation of the document, as far as it is looked at here. */
export interface Operation {
  readonly operationId: string
  readonly method: string
  readonly path: string
  readonly parameters: readonly { name: string; in: string; schema: Schema; example?: unknown }[]
  /** The body is a form and not JSON. */
  readonly isForm: boolean
  readonly body: Schema | undefined
  readonly example: unknown
}

/** A request before ids of this run are filled in. */
export interface Draft {
  readonly operation: Operation
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
  /** The body is sent as Latin-1, so that it may be no UTF-8. */
  readonly isLatin1: boolean
  readonly isChunked: boolean
  /** The target is a whole URL. */
  readonly isWhole: boolean
  /** One of the headers is sent twice: that with this number, counted in a circle. */
  readonly repeated: number | undefined
}

const encoded = (value: unknown): string =>
  encodeURIComponent((typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed())
const asText = (value: unknown): string => JSON.stringify(value) ?? ''

/** A body in the form of its operation. */
const written = ({ isForm }: Operation, value: unknown): string => {
  if (!isForm || typeof value !== 'object' || value === null) return asText(value)
  return Object.entries(value)
    .map(([name, each]) => `${encoded(name)}=${encoded(each)}`)
    .join('&')
}

const typeOf = ({ isForm }: Operation): string => (isForm ? FORM : 'application/json')

const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const manyKeys = (count: number): string =>
  asText(Object.fromEntries(Array.from({ length: count }, (_none, index) => [index, index])))

const BROKEN_BODIES = [
  '',
  '{',
  '[]',
  'null',
  '1',
  '""',
  '{}{}',
  '\uFEFF',
  '\uFEFF{}',
  '{"a":1,}',
  '{"a":"\\ud800"}',
  '{"a":1e999}',
  nested(19),
  nested(25),
  nested(3000),
  manyKeys(150),
  manyKeys(400),
  `{"a":"${'x'.repeat(17_000)}"}`,
  '%',
  'a=%FF',
  'a=1&a=2',
  '&&=&',
  'token=%ED%A0%80&client_id=a',
]
const BROKEN_SEGMENTS = ['%', '%FF', '%ED%A0%80', '..', '%2e%2e', '%2F', 'a;b', '%00', 'x'.repeat(2000), '']
const TYPES = ['application/json; charset=utf-8', 'application/json; charset=utf-16', 'text/plain', '', ';;']
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      'X-Request-Id',
      'traceparent',
      'User-Agent',
    ),
    fc.stringMatching(/^[\x21-\x7e]{1,60}$/),
  ),
  fc.constantFrom(
    ...([
      ['Idempotency-Key', 'k1'],
      ['Idempotency-Key', 'x'.repeat(300)],
      ['If-Match', '*'],
      ['If-Match', '"1"'],
      ['If-Match', '"1", "2"'],
      ['If-None-Match', '*'],
      ['traceparent', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
      ['Content-Encoding', 'gzip'],
      ['Accept', 'text/html'],
      ['Accept-Encoding', 'gzip, br'],
      ['Accept-Encoding', 'br;q=1, *;q=0.1'],
      ['Accept-Encoding', 'gzip;q=0, identity'],
      ['Expect', '100-continue'],
      ['Expect', 'a-miracle'],
      ['Cookie', 'a=b'],
      ['Origin', 'https://evil.example'],
      ['Range', 'bytes=0-1'],
      ['X-Forwarded-For', '203.0.113.5'],
      ['X-HTTP-Method-Override', 'DELETE'],
    ] as const),
  ),
)

const POOL = 60
const sample = <T>(arbitrary: fc.Arbitrary<T>, seed: number, count = POOL): T[] =>
  fc.sample(arbitrary, { numRuns: count, seed })

/** Making an arbitrary takes longer than sampling from it. */
const arbitraries = new WeakMap<Schema, fc.Arbitrary<unknown>>()
const sampleOf = (schema: Schema, lookup: Lookup, seed: number): unknown[] => {
  const arbitrary = arbitraries.get(schema) ?? valueOf(schema, lookup)
  arbitraries.set(schema, arbitrary)
  return sample(arbitrary, seed)
}

/** What the requests of one operation are put together from. */
interface Parts {
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly bodies: readonly unknown[]
}

const partsOf = ({ parameters, body, example }: Operation, lookup: Lookup, seed: number): Parts => ({
  values: new Map(
    parameters.map(({ name, schema, example: shown }) => {
      const known = shown === undefined ? [] : Array.from({ length: POOL / 4 }, () => encoded(shown))
      return [name, [...sampleOf(schema, lookup, seed).map(encoded), ...known]]
    }),
  ),
  bodies: [
    ...(body === undefined ? [] : sampleOf(body, lookup, seed)),
    ...(example === undefined ? [] : Array.from({ length: POOL / 2 }, () => example)),
  ],
})

/** What the requests of every operation are put together from. */
interface Strange {
  readonly segments: readonly string[]
  readonly values: readonly unknown[]
  readonly bodies: readonly string[]
  readonly headers: readonly (readonly [string, string])[]
}

const strangeOf = (seed: number): Strange => ({
  segments: [...sample(anyText, seed).map(encoded), ...BROKEN_SEGMENTS],
  values: sample(anyValue, seed, 2 * POOL),
  bodies: [
    ...BROKEN_BODIES,
    ...sample(fc.jsonValue(), seed).map(asText),
    ...sample(fc.string({ unit: 'binary', maxLength: 60 }), seed, POOL / 3),
  ],
  headers: sample(header, seed, 2 * POOL),
})

const targetOf = (
  { path, parameters }: Operation,
  { values }: Parts,
  strange: Strange,
  chance: Chance,
): string => {
  const valueFor = (name: string): string =>
    chance.once(12) ? chance.pick(strange.segments) : chance.pick(values.get(name) ?? [''])
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => valueFor(name))
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && chance.once(3))
    .map(({ name }) => `${name}=${valueFor(name)}`)
  if (chance.once(40)) query.push(`${chance.pick(strange.segments)}=${chance.pick(strange.segments)}`)
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`
}

const bodyOf = (
  operation: Operation,
  { bodies }: Parts,
  strange: Strange,
  chance: Chance,
): string | undefined => {
  if (operation.body === undefined || bodies.length === 0)
    return chance.once(30) ? chance.pick(strange.bodies) : undefined
  const valid = chance.pick(bodies)
  const kind = chance.below(20)
  if (kind < 10) return written(operation, valid)
  if (kind < 18) return written(operation, mutate(valid, { chance, foreign: chance.pick(strange.values) }))
  return kind === 18 ? chance.pick(strange.bodies) : undefined
}

const methodOf = ({ method }: Operation, chance: Chance): string => {
  if (chance.once(80)) return chance.pick(METHODS)
  return method === 'GET' && chance.once(12) ? 'HEAD' : method
}

/** These end sessions, cost a hash or stream everything, so they come up more rarely. */
const RARE =
  /logout|revoke|disable|passwords\.change|\.login|bootstrap|import|places\.all|delete|attachments\.put|boundary/i
const RARELY = 1
const USUALLY = 12
/** After so many requests the parts of one more operation are made anew. */
const RENEW_EVERY = 500

/** Makes requests. */
export interface Drafts {
  /** One of any operation. */
  next(): Draft
  /** One of this operation. */
  of(operation: Operation): Draft
  /** One that is given, or one that is nearly it. */
  cooked(
    operation: Operation,
    request: Pick<Draft, 'target'> & { readonly headers?: Draft['headers']; readonly body?: unknown },
    isChanged: boolean,
  ): Draft
}

/**
 * Requests of all operations without end: valid ones, nearly valid ones, and those that are wrong in some
 * other way. They are put together from parts that fast-check makes from the schemas and that are renewed bit
 * by bit: made one by one they would take longer than the daemon takes to answer them.
 */
export const createDrafts = (operations: readonly Operation[], lookup: Lookup, seed: number): Drafts => {
  const chance = createChance(seed)
  const parts = new Map(operations.map((operation) => [operation, partsOf(operation, lookup, seed)]))
  let strange = strangeOf(seed)
  const turns = operations.flatMap((operation) =>
    Array.from({ length: RARE.test(operation.operationId) ? RARELY : USUALLY }, () => operation),
  )
  let made = 0
  const renew = (): void => {
    const turn = made / RENEW_EVERY
    const operation = operations[turn % operations.length]
    if (operation === undefined) return
    parts.set(operation, partsOf(operation, lookup, seed + turn))
    if (turn % operations.length === 0) strange = strangeOf(seed + turn)
  }
  const of = (operation: Operation): Draft => {
    const own = parts.get(operation) ?? partsOf(operation, lookup, seed)
    const body = bodyOf(operation, own, strange, chance)
    const type = chance.once(40) ? chance.pick(TYPES) : typeOf(operation)
    const extra = Array.from({ length: chance.once(3) ? chance.below(3) : 0 }, () =>
      chance.pick(strange.headers),
    )
    return {
      operation,
      method: methodOf(operation, chance),
      target: targetOf(operation, own, strange, chance),
      headers: body === undefined ? extra : [['Content-Type', type], ...extra],
      body,
      isLatin1: chance.once(100),
      isChunked: chance.once(20),
      isWhole: chance.once(100),
      repeated: chance.once(100) ? chance.below(10) : undefined,
    }
  }
  /** A hash takes the daemon as long as a hundred other requests. */
  const isCheap = ({ body }: Draft): boolean => body?.includes('"password":"') !== true || chance.once(25)
  const next = (): Draft => {
    if (++made % RENEW_EVERY === 0) renew()
    for (;;) {
      const draft = of(chance.pick(turns))
      if (isCheap(draft)) return draft
    }
  }
  const cooked: Drafts['cooked'] = (operation, { target, headers = [], body }, isChanged) => {
    const sent = isChanged ? mutate(body, { chance, foreign: chance.pick(strange.values) }) : body
    return {
      operation,
      method: operation.method,
      target,
      headers: sent === undefined ? headers : [['Content-Type', typeOf(operation)], ...headers],
      body: sent === undefined ? undefined : written(operation, sent),
      isLatin1: false,
      isChunked: chance.once(20),
      isWhole: false,
      repeated: undefined,
    }
  }
  return { next, of, cooked }
}
