import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { DIAGNOSTICS, type DiagnosticCode } from '../../policies/diagnostic-kinds.ts'
import { MANAGED_POLICIES } from '../../policies/managed.ts'
import { POLICY_SCHEMA } from '../../policies/schema.ts'
import { documentOf } from './samples.ts'

const isValid = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  POLICY_SCHEMA,
)

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
const OTHERS: readonly DiagnosticCode[] = ['E_JSON', 'E_DUP_KEY', 'E_REF']

test.each(Object.entries(DIAGNOSTICS).filter(([code]) => !OTHERS.includes(code as DiagnosticCode)))(
  '%s: the schema refuses its example if the structure is wrong, and nothing else',
  (code, { example }) => {
    expect(isValid(documentOfExample(example))).toBe(!STRUCTURAL.includes(code as DiagnosticCode))
  },
)
