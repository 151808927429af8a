import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { DIAGNOSTICS, type DiagnosticCode } from '../../policies/diagnostic-kinds.ts'
import { MANAGED_POLICIES } from '../../policies/managed.ts'
import { SCHEMAS } from '../../policies/schema.ts'
import { validateAttachments } from '../../policies/validate-attachments.ts'
import { validateService } from '../../policies/validate-service.ts'
import { validateTests } from '../../policies/validate-tests.ts'
import { documentOf, ORDERS } from './samples.ts'

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
]

const documentOfExample = (example: string): unknown =>
  JSON.parse(example.startsWith('{"Version"') ? example : documentOf(example))

test.each(MANAGED_POLICIES)('the managed policy $Id is of the schema', (document) => {
  expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true)
})

/** Those of other files, and texts that are no JSON. */
const OTHERS: readonly DiagnosticCode[] = ['E_JSON', 'E_DUP_KEY', 'E_REF', 'E_CYCLE']

test.each(Object.entries(DIAGNOSTICS).filter(([code]) => !OTHERS.includes(code as DiagnosticCode)))(
  '%s: the schema refuses its example if the structure is wrong, and nothing else',
  (code, { example }) => {
    expect(isValid(documentOfExample(example))).toBe(!STRUCTURAL.includes(code as DiagnosticCode))
  },
)

const anything = { isAttachable: () => true, names: [], file: 'x.json' }
const ATTACHMENT = { to: { role: 'client', attributes: { tier: 'gold' } }, policies: ['a'], boundary: 'b' }
const CASE = { name: 'x', principals: 'p', actions: ['orders:Read'], resources: 'order/1', expect: 'ALLOW' }

describe.each<[keyof typeof SCHEMAS, (text: string) => readonly unknown[], object, object[]]>([
  [
    'service',
    (text) => validateService(text, anything).diagnostics,
    ORDERS,
    [
      { ...ORDERS, action: {} },
      { ...ORDERS, actions: { read: { resources: ['order'] } } },
      { ...ORDERS, actions: { Read: {} } },
      { ...ORDERS, context_keys: { 'orders.total': { type: 'float', always: true } } },
      { ...ORDERS, context_keys: { 'orders.total': { type: 'number' } } },
    ],
  ],
  [
    'attachments',
    (text) => validateAttachments(text, anything).diagnostics,
    { attachments: [ATTACHMENT, { to: { id: 'cli_1' }, policies: 'a' }] },
    [
      {},
      { attachments: [{ policies: ['a'] }] },
      { attachments: [{ to: { role: 'client' } }] },
      { attachments: [{ to: { role: 'tenant' }, policies: ['a'] }] },
      { attachments: [{ to: { id: 'cli_1', username: 'asha' }, policies: ['a'] }] },
      { attachments: [{ to: { id: 'cli_1', attributes: { tier: 'gold' } }, policies: ['a'] }] },
      { attachments: [{ to: { role: 'client' }, policies: [] }] },
      { attachments: [{ to: { role: 'client' }, policies: Array.from({ length: 21 }, (_v, i) => `p${i}`) }] },
    ],
  ],
  [
    'tests',
    (text) => validateTests(text, anything).diagnostics,
    { principals: { p: { role: 'client', policies: ['a'] } }, cases: [CASE] },
    [
      { principals: {} },
      { principals: { p: {} }, cases: [] },
      { principals: { p: { role: 'client' } }, cases: [{ ...CASE, expect: 'DENY' }] },
      { principals: { p: { role: 'client' } }, cases: [{ ...CASE, expected: 'ALLOW' }] },
    ],
  ],
])('%s', (name, check, good, bad) => {
  const isOfSchema = ajv.compile(SCHEMAS[name])

  test('what is good passes the schema and the validator', () => {
    expect(isOfSchema(good), JSON.stringify(isOfSchema.errors)).toBe(true)
    expect(check(JSON.stringify(good))).toEqual([])
  })

  test.each(bad.map((value) => [JSON.stringify(value)]))('both refuse %s', (text) => {
    expect(isOfSchema(JSON.parse(text))).toBe(false)
    expect(check(text)).not.toEqual([])
  })
})
