import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { CompileError } from '../../policies/engine/condition.ts'
import { decide, type Context, type OwnedLayer } from '../../policies/engine/decide.ts'
import { explain } from '../../policies/engine/explain.ts'
import {
  isOperand,
  operandOf,
  operandTexts,
  takesOperands,
  templatesIn,
  variablesIn,
} from '../../policies/engine/operands.ts'
import { unreadableKeys } from '../../policies/engine/readable.ts'
import { parseOperator, type ConditionBlock } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import { diagnosticsOf, layerOf, say } from './order-layers.ts'
import { CATALOGUE } from './samples.ts'

/* Numbers, instants and addresses that are compared with another key. */

const ask = (context: Context) => ({ action: 'orders:Read', resource: 'order/a', context })
const OWN = '${principal.attributes.x}'
const OTHER = '${resource.x}'

describe('a value that is a variable', () => {
  type Row = readonly [condition: ConditionBlock, of: Context, context: Context, holds: boolean]
  const total = 'orders.total'
  const ROWS: readonly Row[] = [
    [{ NumericLessThan: { [total]: OWN } }, { x: 100 }, { [total]: 99.5 }, true],
    [{ NumericLessThan: { [total]: OWN } }, { x: 100 }, { [total]: 100 }, false],
    [{ NumericLessThanEquals: { [total]: OWN } }, { x: '100.0' }, { [total]: 100 }, true],
    [{ NumericGreaterThan: { [total]: OWN } }, { x: 100 }, { [total]: '100.000001' }, true],
    [{ NumericGreaterThanEquals: { [total]: OWN } }, { x: 100 }, { [total]: 99 }, false],
    [{ NumericEquals: { [total]: OWN } }, { x: '999999999999999.000001' }, { [total]: '999999999999999.000001' }, true],
    [{ NumericEquals: { [total]: OWN } }, { x: '999999999999999.000001' }, { [total]: '999999999999999.000002' }, false],
    [{ NumericNotEquals: { [total]: OWN } }, { x: 1 }, { [total]: 2 }, true],
    [{ NumericNotEquals: { [total]: OWN } }, { x: 2 }, { [total]: 2 }, false],
    [{ NumericLessThan: { [total]: [1, OWN] } }, { x: 5 }, { [total]: 3 }, true],
    [{ NumericLessThan: { [total]: [4, OWN] } }, { x: 1 }, { [total]: 3 }, true],
    [{ NumericLessThan: { [total]: [OWN, OTHER] } }, { x: 2 }, { [total]: 3, 'resource.x': 4 }, true],
    [{ NumericLessThan: { [total]: [OWN, OTHER] } }, { x: 4 }, { [total]: 3, 'resource.x': 2 }, true],
    [{ NumericLessThan: { [total]: [OWN, OTHER] } }, { x: 1 }, { [total]: 3, 'resource.x': 2 }, false],
    [{ StringEquals: { 'orders.tag': OWN } }, {}, { 'orders.tag': 'undefined' }, false],
    [{ StringEquals: { 'orders.tag': [OWN, OTHER] } }, { x: 'a' }, { 'orders.tag': 'b', 'resource.x': 'b' }, true],
    [{ NumericLessThan: { [total]: OWN } }, {}, { [total]: 3 }, false],
    [{ NumericLessThan: { [total]: "${principal.attributes.x, '4'}" } }, {}, { [total]: 3 }, true],
    [{ NumericLessThan: { [total]: "${principal.attributes.x, '4'}" } }, { x: 2 }, { [total]: 3 }, false],
    [{ NumericLessThanIfExists: { [total]: OWN } }, { x: 2 }, {}, true],
    [{ NumericLessThan: { [total]: OTHER } }, {}, { [total]: 3, 'resource.x': '3.5' }, true],
    [{ NumericLessThan: { [total]: OTHER } }, {}, { [total]: 3 }, false],
    [{ DateLessThan: { 'request.time': OWN } }, { x: '2026-01-01T00:00:00Z' }, { 'request.time': 1767225599 }, true],
    [{ DateLessThan: { 'request.time': OWN } }, { x: '2026-01-01T00:00:00Z' }, { 'request.time': 1767225600 }, false],
    [{ DateGreaterThan: { 'request.time': '${orders.placed}' } }, {}, { 'request.time': 9, 'orders.placed': 8 }, true],
    [{ IpAddress: { 'request.ip': OWN } }, { x: '10.0.0.0/8' }, { 'request.ip': '10.1.2.3' }, true],
    [{ IpAddress: { 'request.ip': OWN } }, { x: '10.0.0.0/8' }, { 'request.ip': '11.1.2.3' }, false],
    [{ IpAddress: { 'request.ip': OWN } }, { x: '::/0' }, { 'request.ip': '10.1.2.3' }, false],
    [{ IpAddress: { 'request.ip': ['192.0.2.0/24', OWN] } }, { x: '::1' }, { 'request.ip': '192.0.2.9' }, true],
    [{ NotIpAddress: { 'request.ip': OWN } }, { x: '10.1.2.3' }, { 'request.ip': '::ffff:10.1.2.3' }, false],
  ] // prettier-ignore

  test.each(ROWS)('%j of %j with %j: %s', (condition, of, context, holds) => {
    const facts = Object.fromEntries(
      Object.entries(of).map(([name, value]) => [`principal.attributes.${name}`, value]),
    )
    const request = ask(context)
    expect(decide([layerOf([say('Allow', condition)], facts)], request).verdict).toBe(
      holds ? 'ALLOW' : 'DENY_IMPLICIT',
    )
    const denying = layerOf([say('Allow'), say('Deny', condition)], facts)
    expect(decide([denying], request).verdict).toBe(holds ? 'DENY_EXPLICIT' : 'ALLOW')
    // Among many it is found as it is alone.
    const others = [1, 2, 3, 4, 5, 6].map((n) => say('Allow', { NumericEquals: { [total]: -n } }))
    const crowd = layerOf([...others, say('Allow', condition)], facts)
    expect(decide([crowd], request).verdict).toBe(holds ? 'ALLOW' : 'DENY_IMPLICIT')
  })

  test('an attribute that cannot be read meets a Deny and no Allow', () => {
    for (const operator of ['NumericLessThan', 'NumericNotEquals', 'NumericGreaterThan'])
      for (const x of ['5,000', 'none', true, '5e3']) {
        const condition = { [operator]: { [total]: OWN } }
        const facts = { 'principal.attributes.x': x }
        const request = ask({ [total]: 7 })
        expect(decide([layerOf([say('Allow', condition)], facts)], request).verdict).toBe('DENY_IMPLICIT')
        const denying = layerOf([say('Allow'), say('Deny', condition)], facts)
        expect(decide([denying], request).verdict).toBe('DENY_EXPLICIT')
      }
  })

  test('a question whose resource says what cannot be compared is refused; a network can', () => {
    const numbers = [layerOf([say('Deny', { NumericLessThan: { [total]: OTHER } })])]
    expect(unreadableKeys(numbers, ask({ 'resource.x': '5,000' }))).toEqual([
      { key: 'resource.x', readAs: 'number' },
    ])
    expect(unreadableKeys(numbers, ask({ 'resource.x': '5000' }))).toEqual([])
    const networks = [layerOf([say('Deny', { IpAddress: { 'request.ip': OTHER } })])]
    expect(unreadableKeys(networks, ask({ 'resource.x': '10.0.0.0/8' }))).toEqual([])
    expect(unreadableKeys(networks, ask({ 'resource.x': '10.0.0.1/8' }))).toHaveLength(1)
  })

  test('a set is compared with no variable', () => {
    expect(() => layerOf([say('Allow', { 'ForAnyValue:NumericEquals': { 'orders.tags': OWN } })])).toThrow(
      CompileError,
    )
  })

  test('an explanation names the variable that is missing, and promises nothing that a Deny undoes', () => {
    const condition = { NumericLessThan: { [total]: OTHER } }
    const missing = explain([layerOf([say('Allow', condition)])], ask({ [total]: 7 }))
    expect(missing.missing_keys).toEqual(['resource.x'])
    expect(missing.layers[0]?.near_misses[0]).toMatchObject({ key: total, expected: [OTHER], actual: ['7'] })
    const wish = say('Allow', { NumericGreaterThan: { 'resource.x': 10 } })
    const denied = [layerOf([wish, say('Deny', condition)])]
    expect(explain(denied, ask({ [total]: 7, 'resource.x': 1 })).would_allow_if).toEqual([
      'own layer of : a statement allowed it',
    ])
  })
})

describe('what stands for a value', () => {
  const X = { key: 'resource.x', fallback: undefined }

  test('is a variable alone, with or without a default', () => {
    expect(operandOf(OTHER)).toEqual(X)
    expect(operandOf("${resource.x, '4'}")).toEqual({ ...X, fallback: '4' })
    for (const text of ['', 'a', `a${OTHER}`, `${OTHER}a`, `${OTHER}${OTHER}`, '${*}', '${resource.x'])
      expect(operandOf(text), text).toBeUndefined()
  })

  test('is read as the operator reads its values, where it compares what has an order', () => {
    const takes = (name: string): boolean | undefined => {
      const parsed = parseOperator(name)
      return parsed && takesOperands(parsed.operator)
    }
    expect(
      ['NumericEquals', 'DateLessThan', 'NotIpAddress', 'ForAnyValue:NumericEquals'].map(takes),
    ).not.toContain(false)
    expect(['StringLike', 'Bool', 'Null', 'TimeOfDay'].map(takes)).not.toContain(true)
    expect([isOperand('number', '5'), isOperand('date', '5'), isOperand('ip', '10.0.0.0/8')]).not.toContain(
      false,
    )
    expect([
      isOperand('number', 'a'),
      isOperand('date', 'a'),
      isOperand('ip', '5'),
      isOperand('string', '5'),
    ]).not.toContain(true)
  })

  test.each([
    ['NumericLessThan', ['5', OTHER, `${OTHER}0`], [[X]]],
    ['StringEquals', ['a*', `a${OTHER}`, '${'], [['a*'], ['a', X]]],
    [
      'StringLike',
      ['a*', `${OTHER}/*`],
      [
        ['a', [-1]],
        [X, '/', [-1]],
      ],
    ],
    ['Bool', ['true', OTHER], []],
    ['TimeOfDay', ['09:00-17:00 UTC'], []],
    ['NoOperator', [OTHER], []],
  ])('under %s among %j', (operatorName, expected, templates) => {
    expect(templatesIn({ operatorName, expected })).toEqual(templates)
    const variables = templates.flat().filter((part) => part === X)
    expect(variablesIn({ operatorName, expected })).toEqual(variables)
  })

  test('is what is known of accounts, and nothing where nothing is', () => {
    const known = { 'principal.attributes.x': 5, 'resource.x': 7 }
    expect(operandTexts('9', known)).toEqual(['9'])
    expect(operandTexts(OWN, known)).toEqual(['5'])
    expect(operandTexts(OWN, {})).toEqual([])
    expect(operandTexts("${principal.attributes.x, '4'}", {})).toEqual(['4'])
    expect(operandTexts(OTHER, known)).toEqual([])
  })
})

describe('the validator', () => {
  const codes = (condition: string, effect = 'Allow'): string[] =>
    diagnosticsOf(condition, effect).map(({ code, message }) => `${code} ${message}`)

  test.each([
    ['a number of an account', '{"NumericLessThan": {"orders.total": "${caller.attributes.limit, \'0\'}"}}'],
    [
      'an instant of a service',
      '{"DateLessThan": {"request.time": "${orders.placed, \'2026-01-01T00:00:00Z\'}"}}',
    ],
    [
      'a network of an account',
      '{"IpAddress": {"request.ip": "${principal.attributes.office, \'10.0.0.0/8\'}"}}',
    ],
    ['one of several', '{"NumericLessThan": {"orders.total": [5, "${resource.limit, \'0\'}"]}}'],
    [
      'what a condition asks for',
      '{"NumericLessThan": {"orders.total": "${resource.limit}"}, "Null": {"resource.limit": "false"}}',
    ],
  ])('takes %s', (_what, condition) => expect(codes(condition)).toEqual([]))

  test.each([
    [
      'more than the variable',
      '{"NumericLessThan": {"orders.total": "1${resource.limit, \'0\'}"}}',
      'E_VALUE',
    ],
    [
      'two variables',
      '{"NumericLessThan": {"orders.total": "${resource.a, \'0\'}${resource.b, \'0\'}"}}',
      'E_VALUE',
    ],
    [
      'a default that is no number',
      '{"NumericLessThan": {"orders.total": "${resource.limit, \'none\'}"}}',
      'E_VALUE',
    ],
    [
      'a variable that may be missing',
      '{"NumericLessThan": {"orders.total": "${resource.limit}"}}',
      'E_VAR_UNGUARDED',
    ],
    ['an unknown key', '{"NumericLessThan": {"orders.total": "${orders.limit, \'0\'}"}}', 'E_KEY_UNKNOWN'],
    ['a text', '{"NumericLessThan": {"orders.total": "${caller.id}"}}', 'E_OP_TYPE'],
    ['an instant as a number', '{"NumericLessThan": {"orders.total": "${request.time}"}}', 'E_OP_TYPE'],
    ['a set', '{"NumericLessThan": {"orders.total": "${orders.tags}"}}', 'E_VAR_MULTIVALUED'],
    ['a variable as true or false', '{"Bool": {"request.mfa": "${resource.x, \'true\'}"}}', 'E_VALUE'],
  ])('refuses %s', (_what, condition, code) => {
    expect(codes(condition)).toEqual([expect.stringMatching(`^${code} `)])
  })
})

describe('the proofs', () => {
  const isWithin = (
    after: ConditionBlock,
    granter: ConditionBlock,
    [mine, theirs]: readonly [OwnedLayer['principal'], OwnedLayer['principal']] = [{}, {}],
  ): boolean =>
    findUnprovenRight({
      caller: {},
      before: [],
      after: [layerOf([say('Allow', after)], mine)],
      granter: [layerOf([say('Allow', granter)], theirs)],
    }) === undefined
  const below = (value: string | number): ConditionBlock => ({ NumericLessThan: { 'orders.total': value } })
  const named = (id: string, x: number | string) => ({ 'principal.id': id, 'principal.attributes.x': x })

  test('the same comparison is within itself, another is not', () => {
    expect(isWithin(below(OTHER), below(OTHER))).toBe(true)
    expect(isWithin(below(OTHER), below("${resource.x, '9'}"))).toBe(false)
    expect(isWithin(below(OTHER), below('${resource.y}'))).toBe(false)
    expect(isWithin(below(OTHER), { NumericLessThanEquals: { 'orders.total': OTHER } })).toBe(false)
    expect(isWithin(below(OTHER), below(1000))).toBe(false)
    expect(isWithin(below(1), below(OTHER))).toBe(false)
  })

  test('what is known of accounts stands there as it is', () => {
    expect(isWithin(below(OWN), below(OWN), [named('a', 5), named('b', 6)])).toBe(true)
    expect(isWithin(below(OWN), below(OWN), [named('a', 6), named('b', 5)])).toBe(false)
    expect(isWithin(below(OWN), below(100), [named('a', 6), named('b', 5)])).toBe(true)
    expect(isWithin(below(OWN), below(1), [named('a', '5,000'), named('b', 5)])).toBe(true)
    expect(isWithin(below(1), below(OWN), [named('a', 5), named('b', '5,000')])).toBe(false)
  })
})

test('a plan finds who gains by a limit of their own, and by one that the question says', () => {
  const gained = (condition: ConditionBlock, x: number): readonly string[] => {
    const principal = {
      'principal.id': 'a',
      'principal.role': 'client',
      'principal.path': 'a',
      'principal.attributes.x': x,
    }
    const comparison = createAccessComparison()
    comparison.add({
      id: 'a',
      principal,
      context: { 'caller.id': 'a', 'caller.role': 'client', 'caller.path': 'a', 'request.time': 0 },
      before: [layerOf([say('Allow', { NumericLessThan: { 'orders.total': 100 } })], principal)],
      after: [layerOf([say('Allow', condition)], principal)],
      catalogues: { before: CATALOGUE, after: CATALOGUE },
    })
    return comparison.result().changes.map(({ verb }) => verb)
  }
  expect(gained({ NumericLessThan: { 'orders.total': OWN } }, 200)).toEqual(['gain'])
  expect(gained({ NumericLessThan: { 'orders.total': OWN } }, 50)).toEqual(['lose'])
  expect(gained({ NumericLessThan: { 'orders.total': OWN } }, 100)).toEqual([])
  expect(gained({ NumericGreaterThan: { 'resource.x': '${orders.total}' } }, 1)).toContain('lose')
})
