import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DIAGNOSTICS, type DiagnosticCode } from '../../policies/text/diagnostic-kinds.ts'
import type { Diagnostic } from '../../policies/text/diagnostics.ts'
import { MANAGED_POLICIES } from '../../policies/managed.ts'
import { SCHEMAS } from '../../policies/schema.ts'
import { validateSet } from '../../policies/set/read.ts'
import { validateAttachments } from '../../policies/validate/attachments.ts'
import { validateInvariant } from '../../policies/validate/invariant.ts'
import { validateService } from '../../policies/validate/service.ts'
import { validateTests } from '../../policies/set/tests.ts'
import { validateDocument } from '../../policies/validate/document.ts'
import { CATALOGUE, documentOf, ORDERS } from './samples.ts'

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false })
const isValid = ajv.compile(SCHEMAS.policy)

/** What an editor can see without a catalogue. */
const STRUCTURAL: readonly DiagnosticCode[] = [
  'E_UNKNOWN_KEY',
  'E_VERSION',
  'E_EFFECT',
  'E_EXCLUSIVE',
  'E_EMPTY_LIST',
  'E_OP_UNKNOWN',
  'E_RESOURCE_SYNTAX',
  'E_VAR_SYNTAX',
]

/** What only the validator says: it knows what is declared, and what is missing where. */
const BEYOND: readonly DiagnosticCode[] = [
  'E_ACTION_UNKNOWN',
  'E_ALLOW_NOT_STAR',
  'E_CYCLE',
  'E_KEY_NOT_APPLICABLE',
  'E_KEY_UNKNOWN',
  'E_REF',
  'E_RESOURCE_ACTION_MISMATCH',
]

/** Which keys a question needs, and of which type, the services say. */
const OF_THE_CATALOGUE =
  /is declared as always there$|^\S+\.\S+ must be (?:a string|a number of at most .*|an instant .*|true or false|an IP address|a list of strings|a string, a number, true or false)$/

/** The names of context keys begin with that of their service: two places that a schema cannot compare. */
const isBeyond = ({ code, message }: Diagnostic): boolean =>
  BEYOND.includes(code) ||
  message.includes('is not a context key of this service') ||
  OF_THE_CATALOGUE.test(message)

const documentOfExample = (example: string): unknown =>
  JSON.parse(example.startsWith('{"Version"') ? example : documentOf(example))

test.each(MANAGED_POLICIES)('the managed policy $Id is of the schema', (document) => {
  expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
})

/** Those of other files, and texts that are no JSON. */
const OTHERS: readonly DiagnosticCode[] = [
  'E_JSON',
  'E_DUP_KEY',
  'E_REF',
  'E_CYCLE',
  'W_LAYER_ABOVE',
  'W_BOUNDARY_WITHOUT_ALLOW',
  'W_ROLE_UNMANAGED',
]

test.each(Object.entries(DIAGNOSTICS).filter(([code]) => !OTHERS.includes(code as DiagnosticCode)))(
  '%s: the schema refuses its example if the structure is wrong, and nothing else',
  (code, { example }) => {
    expect(isValid(documentOfExample(example))).toBe(!STRUCTURAL.includes(code as DiagnosticCode))
  },
)

const anything = { isAttachable: () => true, names: [], file: 'x.json', catalogue: CATALOGUE }
const ATTACHMENT = { to: { role: 'client', attributes: { tier: 'gold' } }, policies: ['a'], boundary: 'b' }
const CASE = {
  name: 'x',
  principals: 'p',
  actions: ['orders:List'],
  resources: 'order/1',
  expect: 'ALLOW',
  layer: 'own of p',
}
const TABLE = { name: 'x', principals: ['p'], actions: 'orders:List', resources: 'order/1' }
const WHO = { name: 'x', action: 'orders:List', resource: 'order/1', principals: ['p'] }
const MANY = Array.from({ length: 21 }, (_value, i) => `p${i}`)
const DOCUMENT = {
  $schema: 's',
  Version: 'authctl/1',
  Id: 'sample',
  Description: 'd',
  Statement: [
    { Sid: 'A', Effect: 'Allow', Action: 'orders:Read', Resource: ['order/*', "order/${caller.id, 'none'}"] },
    {
      Effect: 'Deny',
      NotAction: ['orders:R*'],
      NotResource: 'order/1',
      Condition: { StringEquals: { 'caller.id': ['a', 1] } },
    },
  ],
}

const statement = (change: object): object => ({
  ...DOCUMENT,
  Statement: [{ ...DOCUMENT.Statement[0], ...change }],
})
const RULE = { Action: 'orders:Read', Resource: '*' }
const guarding = (rule: object) => ({ invariant: 'guard', ...rule })
const attaching = (change: object): object => ({ attachments: [{ ...ATTACHMENT, ...change }] })
const principal = (change: object): object => ({
  principals: { p: { role: 'client', ...change } },
  cases: [],
})
const testCase = (change: object): object => ({
  principals: { p: { role: 'client' } },
  cases: [{ ...CASE, ...change }],
})

interface Kind {
  readonly name: keyof typeof SCHEMAS
  readonly check: (text: string) => readonly Diagnostic[]
  readonly good: readonly object[]
  readonly bad: readonly unknown[]
}

const KINDS: readonly Kind[] = [
  {
    name: 'policy',
    check: (text) => validateDocument(text, { file: 'x.json', catalogue: CATALOGUE }).diagnostics,
    good: [DOCUMENT, statement({ Resource: 'order/${*}/.hidden/*' })],
    bad: [
      5,
      { ...DOCUMENT, Id: 'a b' },
      { ...DOCUMENT, Statement: [] },
      ...['order', 'order//1', 'order/../1', 'order/.', 'order/', 'order/a b', 'order/${', '/a', ''].map(
        (Resource) => statement({ Resource }),
      ),
      statement({ Resource: `order/${'a'.repeat(512)}` }),
      statement({ Action: '' }),
      statement({ Sid: 'a b' }),
      statement({ Condition: { StringEquals: {} } }),
      statement({ Condition: { StringEquals: { 'caller.id': [] } } }),
      statement({ Condition: { StringEquals: { 'caller.id': null } } }),
    ],
  },
  {
    name: 'set',
    check: (text) =>
      validateSet([{ path: 'authctl.json', text }], { own: [] }).diagnostics.filter(
        ({ file }) => file === 'authctl.json',
      ),
    good: [{ set: 'acme' }, { $schema: 's', set: 'acme.a-1', description: 'd' }],
    bad: [[], {}, { set: '' }, { set: 'Acme' }, { set: 'acme', description: 1 }, { set: 'acme', owner: 'x' }],
  },
  {
    name: 'service',
    check: (text) => validateService(text, anything).diagnostics,
    good: [ORDERS],
    bad: [
      { ...ORDERS, action: {} },
      { ...ORDERS, service: 'authctl' },
      { ...ORDERS, actions: { read: { resources: ['order'] } } },
      { ...ORDERS, actions: { Read: {} } },
      { ...ORDERS, resource_types: { order: null } },
      { ...ORDERS, context_keys: { 'caller.size': { type: 'number', always: true } } },
      { ...ORDERS, context_keys: { 'orders.total': { type: 'float', always: true } } },
      { ...ORDERS, context_keys: { 'orders.total': { type: 'number' } } },
    ],
  },
  {
    name: 'attachments',
    check: (text) => validateAttachments(text, anything).diagnostics,
    good: [
      { attachments: [] },
      { attachments: [ATTACHMENT, { to: { id: 'cli_1' }, policies: 'a' }] },
      { attachments: [{ to: { username: 'asha' }, boundary: 'b' }] },
      attaching({ to: { role: 'client', attributes: { tier: ['gold', 2, true] } } }),
    ],
    bad: [
      {},
      { attachments: [{ policies: ['a'] }] },
      { attachments: [{ to: { role: 'client' } }] },
      ...[
        {},
        { role: 'tenant' },
        { id: 'order/*' },
        { username: '' },
        { id: 'cli_1', username: 'asha' },
        { id: 'cli_1', attributes: { tier: 'gold' } },
        ...[5, [1], {}, null, { '1': 'a' }, { tier: [] }, { tier: [['gold']] }].map((attributes) => ({
          role: 'client',
          attributes,
        })),
      ].map((to) => attaching({ to })),
      ...[[], [1], null, {}, MANY].map((policies) => attaching({ policies })),
      ...[['b'], [], null, 5].map((boundary) => attaching({ boundary })),
    ],
  },
  {
    name: 'invariant',
    check: (text) => validateInvariant(text, { ...anything, catalogue: CATALOGUE }).diagnostics,
    good: [
      guarding({ neverGrants: RULE }),
      guarding({ $schema: 's', description: 'd', neverGrants: { ...RULE, to: { role: 'client' } } }),
      guarding({ alwaysGrants: { ...RULE, to: [{ id: 'cli_1' }, { username: 'asha' }] } }),
      guarding({ needsApproval: { objects: 'document/billing-*' } }),
      guarding({ needsApproval: { objects: ['*', 'attachment/role=admin tier="x"'] } }),
      guarding({ onlyBy: { NotAction: 'orders:Read', NotResource: 'order/1', to: { role: 'admin' } } }),
    ],
    bad: [
      {},
      { neverGrants: RULE },
      guarding({}),
      ...[{}, { objects: [] }, { objects: 'billing-*' }, { objects: 5 }, { object: '*' }, 'document/x'].map(
        (needsApproval) => guarding({ needsApproval }),
      ),
      guarding({ neverGrants: RULE, onlyBy: { ...RULE, to: { role: 'admin' } } }),
      ...['', 'No', 5].map((invariant) => ({ invariant, neverGrants: RULE })),
      ...['alwaysGrants', 'onlyBy'].map((kind) => guarding({ [kind]: RULE })),
      ...[[], {}, { role: 'tenant' }, [{ role: 'client', id: 'cli_1' }], 'client', null].map((to) =>
        guarding({ neverGrants: { ...RULE, to } }),
      ),
      ...[{ Action: [] }, { NotAction: '*' }, { Effect: 'Deny' }, { Condition: { Likes: {} } }].map((more) =>
        guarding({ neverGrants: { ...RULE, ...more } }),
      ),
    ],
  },
  {
    name: 'tests',
    check: (text) => validateTests(text, anything).diagnostics,
    good: [
      {
        principals: {
          p: { role: 'client', policies: ['a'], boundary: 'b', attributes: { tier: 'gold', level: 1 } },
          q: { role: 'sub-client', creator: 'p' },
        },
        cases: [CASE],
      },
      testCase({ context: { 'orders.total': 1, 'orders.tags': [], 'resource.x': true } }),
      {
        principals: { p: { role: 'client' } },
        matrices: [{ ...TABLE, allow: [{ actions: 'orders:List' }] }],
      },
      { principals: { p: { role: 'client' } }, whoCan: [WHO, { ...WHO, principals: [] }] },
      testCase({ context: {}, clock: '2026-01-31T08:00:00Z', statement: 'a/A' }),
    ],
    bad: [
      { principals: {} },
      { ...principal({}), $schema: 1 },
      { principals: { p: {} }, cases: [] },
      ...[5, [1], {}, null, { tier: null }].map((attributes) => principal({ attributes })),
      ...[['p'], null, 1].map((creator) => principal({ creator })),
      ...[['b'], [], null].map((boundary) => principal({ boundary })),
      ...[[], MANY, [1]].map((policies) => principal({ policies })),
      testCase({ expect: 'DENY' }),
      testCase({ expected: 'ALLOW' }),
      testCase({ clock: 'tomorrow' }),
      testCase({ layer: 'all of p' }),
      testCase({ resources: 'order/*' }),
      testCase({ expect: 'DENY_IMPLICIT', statement: 'a' }),
      testCase({ context: { 'caller.id': 'a' } }),
      { principals: {}, matrices: [{ ...TABLE, principals: [] }] },
      { principals: {}, matrices: [{ ...TABLE, allow: {} }] },
      { principals: {}, whoCan: [{ ...WHO, principals: 'p' }] },
      { principals: {}, whoCan: [{ ...WHO, action: ['orders:List'] }] },
      testCase({ actions: [] }),
      ...[5, [], { a: {} }, { a: null }, { a: [1] }].map((context) => testCase({ context })),
    ],
  },
]

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** The ways to every part of a value. */
const waysInto = (value: unknown): string[][] => [
  [],
  ...(isObject(value)
    ? Object.entries(value).flatMap(([key, part]) => waysInto(part).map((way) => [key, ...way]))
    : []),
]

/** The value with another part at the end of the way; undefined takes it out. */
const changedAt = (value: unknown, [key, ...rest]: readonly string[], part: unknown): unknown => {
  if (key === undefined) return part
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >
  copy[key] = changedAt(copy[key], rest, part)
  return copy
}

const JUNK: readonly unknown[] = [
  undefined,
  null,
  5,
  true,
  '',
  'x',
  'order/*',
  'order//1',
  'a b',
  '*',
  [],
  [1],
  ['x', 'y'],
  [{}],
  {},
  { x: 1 },
  MANY,
]

describe.each(KINDS)('$name', ({ name, check, good, bad }) => {
  const isOfSchema = ajv.compile(SCHEMAS[name])

  test('what is good passes the schema and the validator', () => {
    for (const value of good) {
      expect(isOfSchema(value), JSON.stringify(isOfSchema.errors)).toBe(true)
      expect(check(JSON.stringify(value))).toEqual([])
    }
  })

  test.each(bad.map((value) => [JSON.stringify(value)]))('both refuse %s', (text) => {
    expect(isOfSchema(JSON.parse(text))).toBe(false)
    expect(check(text)).not.toEqual([])
  })

  test('whatever stands in whatever place, both refuse it or neither', () => {
    const change = fc.record({
      value: fc.constantFrom(...good),
      way: fc.nat(),
      key: fc.constantFrom(undefined, undefined, 'x', '1', 'a b'),
      part: fc.constantFrom(...JUNK),
    })
    fc.assert(
      fc.property(change, ({ value, way, key, part }) => {
        const ways = waysInto(value)
        const chosen = ways[way % ways.length] ?? []
        const text = JSON.stringify(changedAt(value, key === undefined ? chosen : [...chosen, key], part))
        if (text === undefined) return
        const found = check(text)
        if (isOfSchema(JSON.parse(text)))
          expect(
            found.filter((diagnostic) => !isBeyond(diagnostic)),
            text,
          ).toEqual([])
        else expect(found, text).not.toEqual([])
      }),
      { numRuns: 3000 },
    )
  })
})
