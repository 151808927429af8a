import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { compileConditions, CompileError } from '../../policies/engine/condition.ts'
import { globUnits, isWildcard, literalUnits, matchGlob, standsAt } from '../../policies/engine/match.ts'
import type { Statement } from '../../policies/language.ts'
import {
  literalPrefix,
  matchTemplate,
  parseTemplate,
  resolveText,
  withFacts,
  type Facts,
} from '../../policies/engine/template.ts'

const matches = (pattern: string, value: string): boolean => matchGlob(globUnits(pattern), value)

/** The definition, by recursion: what the two-pointer matcher must agree with. */
const matchesByDefinition = (pattern: string, value: string): boolean => {
  if (pattern === '') return value === ''
  if (pattern.startsWith('*'))
    return (
      matchesByDefinition(pattern.slice(1), value) ||
      (value !== '' && matchesByDefinition(pattern, value.slice(1)))
    )
  return (
    value !== '' &&
    (pattern.startsWith('?') || pattern[0] === value[0]) &&
    matchesByDefinition(pattern.slice(1), value.slice(1))
  )
}

describe('patterns', () => {
  test.each([
    ['*', '', true],
    ['*', 'a/b/c', true],
    ['a*', 'a', true],
    ['a*c', 'a/b/c', true],
    ['a?c', 'a/c', true],
    ['a?c', 'ac', false],
    ['a', 'A', false],
    ['', '', true],
    ['', 'a', false],
    ['*a*b*', 'xxaxxbxx', true],
    ['**', '', true],
    ['a*b', 'ab', true],
    ['a*ab', 'aab', true],
    ['*.*.*', 'a.b', false],
  ])('%s on %s: %s', (pattern, value, expected) => {
    expect(matches(pattern, value)).toBe(expected)
  })

  test('the matcher is the definition', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?'), maxLength: 8 })
    const value = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 10 })
    fc.assert(
      fc.property(pattern, value, (p, v) => {
        expect(matches(p, v)).toBe(matchesByDefinition(p, v))
      }),
      { numRuns: 20_000 },
    )
  })

  test('a part stands in a text exactly where the language says so', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\ud800', '😀'), maxLength: 6 })
    fc.assert(
      fc.property(letters, letters, fc.nat(12), (text, part, at) => {
        const cut = text.slice(at, at + part.length)
        for (const each of [part, cut, text]) {
          expect(standsAt(text, each, at)).toBe(text.startsWith(each, at))
          expect(standsAt(text, each)).toBe(text.startsWith(each))
        }
      }),
      { numRuns: 2000 },
    )
  })

  /** How often a pattern is looked at while it is found not to match. */
  const readsOf = (pattern: string, value: string): { reads: number; units: number } => {
    const glob = globUnits(pattern)
    let reads = 0
    const counted = new Proxy(glob, {
      get: (target, property, receiver): unknown => {
        reads += 1
        return Reflect.get(target, property, receiver)
      },
    })
    expect(matchGlob(counted, value)).toBe(false)
    return { reads, units: glob.length }
  }

  test('eight wildcards against 2 KiB that almost match take steps bounded by pattern × value', () => {
    const value = 'a'.repeat(2048)
    for (const pattern of ['*a*a*a*a*a*a*a*b', '?*?*?*?*b', `${'*a'.repeat(8)}b`, `*${'a'.repeat(511)}b`]) {
      const { reads, units } = readsOf(pattern, value)
      expect(reads).toBeLessThan(3 * (units + 1) * (value.length + 1))
    }
  })

  test('G6: fifty stars against 10 KiB take steps that grow with the value, not with the stars', () => {
    const value = 'a'.repeat(10_240)
    for (const pattern of ['*'.repeat(50), '*a'.repeat(50), '*a?'.repeat(50)]) {
      const { reads } = readsOf(`${pattern}b`, value)
      expect(reads).toBeLessThan(8 * value.length)
    }
  })
})

describe('variables', () => {
  const resolved = (pattern: string, facts: Record<string, string>, value: string): boolean | undefined => {
    const template = parseTemplate(pattern, 'glob')
    return template && matchTemplate(template, value, { values: (key) => facts[key] })
  }

  test.each([
    ['order/${caller.id}/*', { 'caller.id': 'a' }, 'order/a/1', true],
    ['order/${caller.id}/*', { 'caller.id': '*' }, 'order/a/1', false],
    ['order/${caller.id}/*', { 'caller.id': '*' }, 'order/*/1', true],
    ['order/${caller.id}/*', {}, 'order//1', false],
    ["order/${caller.id, 'none'}", {}, 'order/none', true],
    ["order/${caller.id, 'none'}", { 'caller.id': 'a' }, 'order/none', false],
    ["order/${caller.id, ''}", {}, 'order/', true],
    ['order/${*}', {}, 'order/*', true],
    ['order/${*}', {}, 'order/a', false],
    ['order/${?}${$}', {}, 'order/?$', true],
    ['order/$a', {}, 'order/$a', true],
  ])('%s with %j on %s: %s', (pattern, facts, value, expected) => {
    expect(resolved(pattern, facts as Record<string, string>, value)).toBe(expected)
  })

  test.each(['${', '${}', '${a', 'x/${a b}', '${a, b}', "${a, 'b}", '${**}', '${${a}}'])(
    '%s cannot be read',
    (pattern) => {
      expect(parseTemplate(pattern, 'glob')).toBeUndefined()
    },
  )

  test('in a text, stars are characters', () => {
    const template = parseTemplate('a*${caller.id}${*}', 'text')
    expect(template && resolveText(template, { values: () => 'b?' })).toBe('a*b?*')
  })

  test('whatever a variable holds, it matches itself and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.string({ maxLength: 20 }), (held, other) => {
        expect(resolved('x/${k}', { k: held }, `x/${held}`)).toBe(true)
        expect(resolved('x/${k}', { k: held }, `x/${other}`)).toBe(held === other)
      }),
    )
  })

  test('every match begins with the literal prefix', () => {
    const piece = fc.constantFrom('a', 'b/', '*', '?', '${k}', '${*}')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
        const template = parseTemplate(pieces.join(''), 'glob')
        if (template === undefined) throw new Error('readable')
        const { prefix, isWhole } = literalPrefix(template)
        const example = pieces
          .join('')
          .replaceAll('${k}', 'v')
          .replaceAll('${*}', '\u0000')
          .replace(/[*?]/g, 'w')
        const value = example.replaceAll('\u0000', '*')
        expect(value.startsWith(prefix)).toBe(true)
        if (isWhole) expect(value).toBe(prefix)
      }),
    )
  })

  test('what is known of accounts is put in, and the rest stays', () => {
    const known = (pattern: string, facts: Facts): string | undefined => {
      const template = parseTemplate(pattern, 'text')
      const filled = template && withFacts(template, facts)
      return filled && resolveText(filled, { values: (key) => `<${key}>` })
    }
    expect(known('a/${caller.n}', { 'caller.n': 0.1 + 0.2 })).toBe('a/0.3')
    expect(known('a/${caller.n}', { 'caller.n': true })).toBe('a/true')
    expect(known('a/${principal.n}/b', { 'principal.n': '*', 'caller.n': 'c' })).toBe('a/*/b')
    expect(known('a/${caller.n}', { 'caller.n': ['b'] })).toBeUndefined()
    expect(withFacts(parseTemplate('a/${caller.n}', 'text') ?? [], {})).toBeUndefined()
    expect(known("a/${caller.n, 'd'}", {})).toBe('a/d')
    expect(known("a/${caller.n, 'd'}", { 'caller.n': ['b'] })).toBeUndefined()
    expect(known('a/${resource.n}', { 'resource.n': 'b' })).toBe('a/<resource.n>')
  })

  test('an empty pattern is wholly literal', () => {
    expect(literalPrefix([])).toEqual({ prefix: '', isWhole: true })
  })

  test('literal units are the text', () => {
    expect(matchGlob(literalUnits('a*b?'), 'a*b?')).toBe(true)
    expect(matchGlob(literalUnits('a*b?'), 'axb?')).toBe(false)
    expect(literalUnits('a*\u0000').some(isWildcard)).toBe(false)
  })
})

describe('what does not compile', () => {
  const allow = { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/a' } as const
  test.each<[string, Partial<Statement>]>([
    ['a pattern that is not closed', { Resource: 'order/${' }],
    ['one of several patterns', { Resource: ['order/a', 'order/${b c}'] }],
    ['no resource', { Resource: undefined as unknown as string }],
    ['no action', { Action: undefined as unknown as string }],
    ['an operator that there is not', { Condition: { StringAlike: { 'caller.id': 'a' } } }],
    ['a quantifier that there is not', { Condition: { 'ForNoValue:StringEquals': { 'caller.id': 'a' } } }],
    [
      'a variable for a set',
      { Condition: { 'ForAnyValue:NumericEquals': { 'orders.tags': [1, '${caller.n}'] } } },
    ],
    ['a suffix where none may be', { Condition: { NullIfExists: { 'caller.id': 'true' } } }],
    ['a prefix where none may be', { Condition: { 'ForAnyValue:Null': { 'caller.id': 'true' } } }],
  ])('%s', (_what, more) => {
    const document = { Statement: [{ ...allow, ...more }] }
    expect(() => compilePolicy(document, { name: 'p', hash: 'p' })).toThrow(CompileError)
  })

  test('a policy is as large as its resource patterns and its condition values together', () => {
    const sizeOf = (...Statement: readonly Statement[]): number =>
      compilePolicy({ Statement }, { name: 'p', hash: 'p' }).size
    expect(sizeOf()).toBe(0)
    expect(sizeOf(allow)).toBe(1)
    const Condition = { StringEquals: { 'caller.id': ['a', 'b'], 'caller.role': 'x' } }
    expect(sizeOf(allow, { ...allow, Resource: ['order/b', 'order/c'], Condition })).toBe(1 + 2 + 3)
  })

  test('a statement knows where it is written, and what it is called', () => {
    const named = { ...allow, Sid: 'Named' }
    const { statements } = compilePolicy(
      { Statement: [allow, named] },
      { name: 'p', hash: 'h', writtenAt: ['a:1:2'] },
    )
    expect(statements.map(({ index, sid, writtenAt }) => [index, sid, writtenAt])).toEqual([
      [0, undefined, 'a:1:2'],
      [1, 'Named', undefined],
    ])
  })
})

/* The validator refuses such values; a condition that has one all the same is not met by anything. */
describe('conditions whose values cannot be read', () => {
  test.each([
    ['NumericEquals', 'many', ['many', '1']],
    ['NumericLessThan', '1e3', ['1', '1e3']],
    ['NumericGreaterThanEquals', '', ['0', '']],
    ['DateEquals', 'today', ['today', '0']],
    ['DateLessThanEquals', 'never', ['0']],
    ['Bool', 'yes', ['yes', 'true', 'false']],
    ['IpAddress', 'home', ['home', '10.0.0.1']],
    ['StringEquals', '${', ['${', '']],
    ['StringEqualsIgnoreCase', '${a b}', ['${a b}', '']],
    ['StringLike', '*${', ['${', '']],
  ])('%s %s', (name, wanted, values) => {
    const met = (operator: string, value: string): boolean[] =>
      compileConditions({ [operator]: { k: wanted } }).map(({ holds }) => holds({ values: () => value }))
    for (const value of values) {
      expect(met(name, value)).toEqual([false])
      const opposite = { NumericEquals: 'NumericNotEquals', DateEquals: 'DateNotEquals', IpAddress: 'NotIpAddress', StringEquals: 'StringNotEquals', StringLike: 'StringNotLike', StringEqualsIgnoreCase: 'StringNotEqualsIgnoreCase' }[name] // prettier-ignore
      if (opposite !== undefined) expect(met(opposite, value)).toEqual([true])
    }
  })
})

test.each([
  ['Equals', [false, true, false]],
  ['NotEquals', [true, false, true]],
  ['LessThan', [true, false, false]],
  ['LessThanEquals', [true, true, false]],
  ['GreaterThan', [false, false, true]],
  ['GreaterThanEquals', [false, true, true]],
])('%s of what is less, equal and more: %j', (order, expected) => {
  const met = (operator: string, wanted: string, values: readonly string[]) =>
    values.map((value) =>
      compileConditions({ [operator]: { k: wanted } }).every(({ holds }) =>
        holds({ values: (key) => (key === 'k' ? value : '2') }),
      ),
    )
  for (const wanted of ['2', '${resource.other}'])
    expect(met(`Numeric${order}`, wanted, ['1.999999', '2.0', '2.000001'])).toEqual(expected)
  const dates = ['2025-12-31T23:59:59.999Z', '2026-01-01T01:00:00+01:00', '1767225601']
  expect(met(`Date${order}`, '2026-01-01T00:00:00Z', dates)).toEqual(expected)
})
