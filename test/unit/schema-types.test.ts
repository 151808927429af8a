import { describe, expect, test } from 'vitest'
import { declarationOf, typeOf, type Schema } from '../../scripts/schema-types.ts'

/** A schema as JSON, with whatever keywords. */
const schema = (value: object): Schema => value

describe('the type of a schema', () => {
  test.each<[object, string]>([
    [{ type: 'string', minLength: 1, pattern: '^a' }, 'string'],
    [{ type: 'integer', minimum: 1, default: 50 }, 'number'],
    [{ type: ['string', 'null'] }, 'string | null'],
    [{ type: ['string', 'number'] }, 'string | number'],
    [{ type: 'array', items: true }, 'Array<unknown>'],
    [{ type: ['string', 'null'], enum: ['a', 'b', null] }, "'a' | 'b' | null"],
    [{ type: 'null' }, 'null'],
    [{ const: 'ok' }, "'ok'"],
    [{ $ref: '#/components/schemas/Account' }, 'Account'],
    [{ type: 'array', items: { type: 'boolean' } }, 'Array<boolean>'],
    [
      { type: 'array', prefixItems: [{ type: 'number' }, { type: 'string' }], items: false },
      '[number, string]',
    ],
    [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 'string | number'],
    [{ oneOf: [{ type: 'string' }, { type: 'null' }] }, 'string | null'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'Record<string, number>'],
    [{ type: 'object', additionalProperties: true }, 'Record<string, unknown>'],
    [
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'number' } }, required: ['a'] },
      '{\n  a: string\n  b?: number | undefined\n}',
    ],
    [
      { type: 'object', properties: { a: { type: 'string' } }, anyOf: [{ required: ['a'] }] },
      '{\n  a?: string | undefined\n}',
    ],
  ])('%j is %s', (value, type) => {
    expect(typeOf(schema(value))).toBe(type)
  })

  test.each<[string, object, RegExp]>([
    ['a keyword that is not known', { type: 'object', patternProperties: {} }, /keyword "patternProperties"/],
    ['a misspelt keyword', { type: 'string', maxLenght: 3 }, /keyword "maxLenght"/],
    ['one inside a field', { type: 'object', properties: { a: { if: {} } } }, /keyword "if"/],
    ['one inside items', { type: 'array', items: { contains: {} } }, /keyword "contains"/],
    ['one inside a choice', { anyOf: [{ type: 'string' }, { allOf: [] }] }, /keyword "allOf"/],
    ['no type', { description: 'anything' }, /no single type/],
    ['several types', { type: ['string', 'array'] }, /no single type/],
    ['a type that is not known', { type: 'date' }, /no type is known for "date"/],
    ['items without a type', { type: 'array' }, /items have no type/],
    ['a choice of fields', { type: 'object', oneOf: [{ properties: { a: {} } }] }, /"oneOf" beside a type/],
    [
      'a choice of types beside one',
      { type: 'string', anyOf: [{ type: 'number' }] },
      /"anyOf" beside a type/,
    ],
  ])('%s is refused, and the message shows where', (_name, value, message) => {
    expect(() => typeOf(schema(value))).toThrow(message)
    expect(() => typeOf(schema(value))).toThrow(/scripts\/schema-types\.ts\n\{/)
  })
})

test('a declaration has the description of its schema, and refuses what its type refuses', () => {
  const described = { type: 'object', description: 'A */ thing', properties: {} }
  expect(declarationOf('Thing', schema(described))).toBe('/** A * / thing */\nexport interface Thing {\n\n}')
  expect(declarationOf('Id', schema({ type: 'string' }))).toBe('export type Id = string')
  expect(() => declarationOf('Thing', schema({ ...described, unevaluatedProperties: false }))).toThrow(
    /unevaluatedProperties/,
  )
})
