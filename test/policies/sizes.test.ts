import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { decide, type ContextValue } from '../../policies/engine/decide.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import { diagnosticsOf, layerOf, say } from './order-layers.ts'
import { CATALOGUE } from './samples.ts'

/* How many values a key has. */

const size = (operator: string, values: number | number[]): ConditionBlock => ({
  [`Size${operator}`]: { 'orders.tags': values },
})

test.each<[operator: string, values: number | number[], tags: ContextValue | undefined, holds: boolean]>([
  ['Equals', 2, ['a', 'b'], true],
  ['Equals', 2, ['a', 'b', 'a'], true],
  ['Equals', [1, 3], ['a', 'b'], false],
  ['NotEquals', [1, 3], ['a', 'b'], true],
  ['NotEquals', [1, 2], ['a', 'b'], false],
  ['LessThan', 2, ['a'], true],
  ['LessThan', 2, ['a', 'b'], false],
  ['LessThanEquals', 2, ['a', 'b'], true],
  ['GreaterThan', 2, ['a', 'b'], false],
  ['GreaterThan', 2, ['a', 'b', 'c'], true],
  ['GreaterThanEquals', 3, ['a', 'b'], false],
  ['Equals', 0, [], true],
  ['Equals', 0, undefined, true],
  ['LessThan', 1, undefined, true],
  ['GreaterThan', 0, undefined, false],
  ['Equals', 1, 'a', true],
])('Size%s %j of %j: %s', (operator, values, tags, holds) => {
  const request = {
    action: 'orders:Read',
    resource: 'order/a',
    context: tags === undefined ? {} : { 'orders.tags': tags },
  }
  expect(decide([layerOf([say('Allow', size(operator, values))])], request).verdict).toBe(
    holds ? 'ALLOW' : 'DENY_IMPLICIT',
  )
  const denying = layerOf([say('Allow', {}), say('Deny', size(operator, values))])
  expect(decide([denying], request).verdict).toBe(holds ? 'DENY_EXPLICIT' : 'ALLOW')
})

describe('the validator', () => {
  const codes = (condition: string): string[] => diagnosticsOf(condition).map(({ code }) => code)

  test.each([
    ['{"SizeLessThanEquals": {"orders.tags": 3}}', []],
    ['{"SizeEquals": {"orders.tags": ["1", 2]}}', []],
    ['{"SizeEquals": {"orders.tags": "1.5"}}', ['E_VALUE']],
    ['{"SizeEquals": {"orders.tags": -1}}', ['E_VALUE']],
    ['{"SizeEquals": {"orders.tags": "${orders.total}"}}', ['E_VALUE']],
    ['{"SizeEquals": {"orders.total": 1}}', ['E_OP_TYPE']],
    ['{"ForAnyValue:SizeEquals": {"orders.tags": 1}}', ['E_OP_UNKNOWN']],
    ['{"SizeEqualsIfExists": {"orders.tags": 1}}', ['E_OP_UNKNOWN']],
    // A set that has no element guards none of them.
    [
      '{"SizeLessThan": {"orders.tags": 3}, "ForAllValues:StringEquals": {"orders.tags": "a"}}',
      ['E_FORALL_UNGUARDED'],
    ],
  ])('says of %s: %j', (condition, expected) => expect(codes(condition)).toEqual(expected))
})

test('the proofs: the same is within itself, with its contrary it is everything, and of others nothing is known', () => {
  const isWithin = (after: readonly Statement[], granter: readonly Statement[]): boolean =>
    findUnprovenRight({ caller: {}, before: [], after: [layerOf(after)], granter: [layerOf(granter)] }) ===
    undefined
  const two = say('Allow', size('Equals', 2))
  const other = say('Allow', size('NotEquals', 2))
  expect(isWithin([two], [two])).toBe(true)
  expect(isWithin([other], [other])).toBe(true)
  expect(isWithin([two], [other])).toBe(false)
  expect(isWithin([say('Allow', {})], [two, other])).toBe(true)
  expect(isWithin([two], [say('Allow', size('Equals', 3))])).toBe(false)
  expect(isWithin([two], [say('Allow', size('LessThan', 3))])).toBe(false)
})

test('a plan finds what one element more or less gives and takes', () => {
  const changes = (before: ConditionBlock, after: ConditionBlock): readonly string[] => {
    const principal = { 'principal.id': 'a', 'principal.role': 'client', 'principal.path': 'a' }
    const comparison = createAccessComparison()
    comparison.add({
      id: 'a',
      principal,
      context: { 'caller.id': 'a', 'caller.role': 'client', 'caller.path': 'a', 'request.time': 0 },
      before: [layerOf([say('Allow', before)], principal)],
      after: [layerOf([say('Allow', after)], principal)],
      catalogues: { before: CATALOGUE, after: CATALOGUE },
    })
    return comparison
      .result()
      .changes.map(({ verb }) => verb)
      .toSorted()
  }
  expect(changes(size('LessThan', 5), size('LessThan', 6))).toEqual(['gain'])
  expect(changes(size('LessThan', 5), size('LessThanEquals', 3))).toEqual(['lose'])
  expect(changes(size('LessThan', 5), size('LessThanEquals', 4))).toEqual([])
})
