import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import {
  decide,
  type Context,
  type ContextValue,
  type OwnedLayer,
  type PrincipalFacts,
} from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { unreadableKeys } from '../../policies/engine/readable.ts'
import { IS_OF_TYPE } from '../../policies/engine/context-value.ts'
import { VALUE_WORDS, type ConditionBlock, type KeyType, type Statement } from '../../policies/language.ts'

/* What cannot be read as what a condition compares it with. */

const layerOf = (statements: readonly Statement[], facts: Context = {}): OwnedLayer => ({
  kind: 'own',
  principal: facts,
  layer: createLayer([
    compilePolicy({ Statement: statements }, { name: 'p', hash: JSON.stringify(statements) }),
  ]),
})
const say = (Effect: 'Allow' | 'Deny', Condition: ConditionBlock = {}, Action = 's:A'): Statement => ({
  Effect,
  Action,
  Resource: 'r/*',
  Condition,
})

describe('attributes of accounts', () => {
  type Row = readonly [
    operator: string,
    limit: string | boolean,
    read: ContextValue,
    junk: readonly ContextValue[],
  ]
  const ROWS: readonly Row[] = [
    ['NumericGreaterThan', '100', '101', ['5,000', '5e3', ' 101', '', true, 1e21]],
    ['NumericLessThanEquals', '100', 100, ['1,0', '-', 'none']],
    ['NumericNotEquals', '100', 101, ['100.0000000', 'a hundred']],
    ['DateLessThan', '2026-01-01T00:00:00Z', '2025-01-01T00:00:00Z', ['yesterday', '2025-02-30T00:00:00Z', true]],
    ['DateNotEquals', '2026-01-01T00:00:00Z', 5, ['5 o’clock']],
    ['Bool', 'true', true, ['True', 'yes', 1, '']],
    ['IpAddress', '10.0.0.0/8', '10.1.2.3', ['10.1.2', '10.0.0.0/9', 'localhost', 10]],
    ['NotIpAddress', '10.0.0.0/8', '11.1.2.3', ['11.1.2', '11.0.0.0/9']],
  ] // prettier-ignore

  const decided = (
    statements: readonly Statement[],
    value: ContextValue | undefined,
    whose: string,
  ): string => {
    const facts = value === undefined ? {} : { [`${whose}.attributes.x`]: value }
    const request = { action: 's:A', resource: 'r/a', context: whose === 'caller' ? facts : {} }
    return decide([layerOf(statements, whose === 'caller' ? {} : facts)], request).verdict
  }

  test.each(ROWS.flatMap((row) => ['principal', 'caller'].map((whose) => [row[0], whose, row] as const)))(
    'under %s, of the %s: junk meets a Deny and no Allow',
    (_operator, whose, [name, limit, read, junk]) => {
      for (const ifExists of ['', 'IfExists']) {
        const condition = { [`${name}${ifExists}`]: { [`${whose}.attributes.x`]: limit } }
        const denying = [say('Allow'), say('Deny', condition)]
        expect(decided(denying, read, whose)).toBe('DENY_EXPLICIT')
        expect(decided([say('Allow', condition)], read, whose)).toBe('ALLOW')
        for (const value of junk) {
          expect(decided(denying, value, whose), String(value)).toBe('DENY_EXPLICIT')
          expect(decided([say('Allow', condition)], value, whose), String(value)).toBe('DENY_IMPLICIT')
        }
      }
    },
  )

  test('one that is not there is missing, and a text is a text', () => {
    const more = { NumericGreaterThan: { 'caller.attributes.x': 1 } }
    expect(decided([say('Allow'), say('Deny', more)], undefined, 'caller')).toBe('ALLOW')
    const equal = { StringEquals: { 'caller.attributes.x': 'y' } }
    expect(decided([say('Allow'), say('Deny', equal)], 'z', 'caller')).toBe('ALLOW')
    expect(
      decided([say('Allow'), say('Deny', { Null: { 'caller.attributes.x': true } })], 'z', 'caller'),
    ).toBe('ALLOW')
  })
})

/* Any attribute of an account that is not known may be junk: it is in every Deny, and in no Allow. */
describe('attributes of an account that may be any', () => {
  const KEY = 'caller.attributes.x'
  const isProven = (given: readonly Statement[], has: readonly Statement[]): boolean =>
    findUnprovenRight({
      caller: {},
      before: [],
      after: [layerOf(given)],
      granter: [layerOf(has, { 'principal.id': 'g' })],
    }) === undefined
  const on = (operator: string, ...values: (string | boolean)[]): ConditionBlock => ({
    [operator]: { [KEY]: values },
  })

  test.each<[string, ConditionBlock, ConditionBlock, boolean]>([
    ['a wider limit', on('NumericGreaterThan', '3'), on('NumericGreaterThan', '5'), true],
    ['a narrower limit', on('NumericGreaterThan', '5'), on('NumericGreaterThan', '3'), false],
    ['another number', on('NumericNotEquals', '3'), on('NumericEquals', '4'), true],
    ['both bools', on('Bool', true, false), on('Bool', true), true],
    ['the other bool', on('Bool', false), on('Bool', true), false],
    ['the same network', on('IpAddress', '10.0.0.0/8'), on('IpAddress', '10.0.0.0/8'), true],
    ['outside of it', on('NotIpAddress', '10.0.0.0/8'), on('IpAddress', '10.0.0.0/8'), false],
    ['a text', on('StringEquals', '3'), on('NumericEquals', '3'), false],
  ])('their Deny under %s is met where the giver’s is: %s', (_what, own, theirs, isWithin) => {
    const given = [say('Allow'), say('Deny', own)]
    expect(isProven(given, [say('Allow'), say('Deny', theirs)])).toBe(isWithin)
  })

  test.each<[string, ConditionBlock, ConditionBlock, boolean]>([
    ['a number beside a limit', on('NumericLessThan', '3'), on('NumericGreaterThan', '5'), true],
    ['a text that is no number', on('StringEquals', 'many'), on('NumericGreaterThan', '5'), false],
    ['a text that is a number', on('StringEquals', '4'), on('NumericGreaterThan', '5'), true],
    ['all but a number', on('NumericNotEquals', '3'), on('NumericEquals', '3'), true],
    ['false', on('Bool', false), on('Bool', true), true],
    ['the text false', on('StringEquals', 'false'), on('Bool', true), true],
    ['another text', on('StringEquals', 'no'), on('Bool', true), false],
  ])('a Deny of the giver leaves %s', (_what, given, theirs, isLeft) => {
    expect(isProven([say('Allow', given)], [say('Allow'), say('Deny', theirs)])).toBe(isLeft)
  })

  test.each<[string, ConditionBlock, ConditionBlock]>([
    ['less and more', on('NumericLessThanIfExists', '3'), on('NumericGreaterThanEqualsIfExists', '3')],
    ['equal and not', on('NumericEqualsIfExists', '3'), on('NumericNotEqualsIfExists', '3')],
    ['true and false', on('BoolIfExists', true), on('BoolIfExists', false)],
    ['inside and outside', on('IpAddressIfExists', '10.0.0.0/8'), on('NotIpAddressIfExists', '10.0.0.0/8')],
  ])('%s are not everything', (_what, one, other) => {
    expect(isProven([say('Allow')], [say('Allow', one), say('Allow', other)])).toBe(false)
  })

  test('a text and all others are', () => {
    const [one, other] = [on('StringEqualsIfExists', 'a'), on('StringNotEqualsIfExists', 'a')]
    expect(isProven([say('Allow')], [say('Allow', one), say('Allow', other)])).toBe(true)
  })
})

test('what holds otherwise is seen where the context says nothing, and is no fact of an owner', () => {
  const under = (key: string) => layerOf([say('Allow', { StringEquals: { [key]: 'a' } })])
  const ask = (key: string, context: Context): string =>
    decide([under(key)], {
      action: 's:A',
      resource: 'r/a',
      context,
      otherwise: (asked) => (asked === key ? 'a' : undefined),
    }).verdict
  expect(ask('request.k', {})).toBe('ALLOW')
  expect(ask('request.k', { 'request.k': 'b' })).toBe('DENY_IMPLICIT')
  expect(ask('principal.id', {})).toBe('DENY_IMPLICIT')
})

test('each layer sees its own owner, whatever was asked of the one before', () => {
  const mine = { StringEquals: { 'principal.id': 'a', 'request.k': 'b' } }
  const of = (id: string): OwnedLayer => layerOf([say('Allow', mine)], { 'principal.id': id })
  const verdict = (...ids: string[]): string =>
    decide(ids.map(of), { action: 's:A', resource: 'r/a', context: { 'request.k': 'b' } }).verdict
  expect(verdict('a', 'a')).toBe('ALLOW')
  expect(verdict('a', 'b')).toBe('DENY_IMPLICIT')
  expect(verdict('b', 'a')).toBe('DENY_IMPLICIT')
})

test('a layer that names no owner is of the one that the request names, and without one it allows nothing', () => {
  const { layer } = layerOf([
    say('Allow', { StringEquals: { 'principal.id': 'a' } }),
    say('Allow', {}, 's:B'),
  ])
  const shared = { kind: 'own', principal: undefined, layer } as const
  const verdict = (action: string, owner?: PrincipalFacts): string =>
    decide([shared], { action, resource: 'r/a', context: {}, ...(owner && { owner }) }).verdict
  expect(verdict('s:A', { 'principal.id': 'a' })).toBe('ALLOW')
  expect(verdict('s:A', { 'principal.id': 'b' })).toBe('DENY_IMPLICIT')
  expect(verdict('s:B', {})).toBe('ALLOW')
  expect(verdict('s:B')).toBe('DENY_IMPLICIT')
})

describe('values of the resource', () => {
  const layers = [
    layerOf([say('Deny', { NumericGreaterThan: { 'resource.n': 1 }, StringEquals: { 'resource.t': 'a' } })]),
    layerOf([say('Allow', { Bool: { 'resource.n': true } }, 's:B'), say('Deny', { Bool: { 'resource.n': true } }, 's:C')]),
  ] // prettier-ignore
  const unreadable = (action: string, context: Context) => unreadableKeys(layers, { action, context })

  test.each<[string, Context, readonly object[]]>([
    ['s:A', { 'resource.n': '5,000' }, [{ key: 'resource.n', readAs: 'number' }]],
    ['S:a', { 'resource.n': true }, [{ key: 'resource.n', readAs: 'number' }]],
    ['s:A', { 'resource.n': ['1'] }, [{ key: 'resource.n', readAs: 'number' }]],
    ['s:A', { 'resource.n': '5000', 'resource.t': '5,000' }, []],
    ['s:B', { 'resource.n': '5000' }, [{ key: 'resource.n', readAs: 'bool' }]],
    ['s:C', { 'resource.n': '5000' }, [{ key: 'resource.n', readAs: 'bool' }]],
    ['s:C', { 'resource.n': 'true' }, []],
    ['s:D', { 'resource.n': '5,000' }, []],
    ['s:A', { 'request.n': '5,000', 'resource.other': '5,000' }, []],
  ])('%s about %j: %j', (action, context, expected) => {
    expect(unreadable(action, context)).toEqual(expected)
    // The second time from what is kept.
    expect(unreadable(action, context)).toEqual(expected)
  })

  test('of what any of the conditions reads: an address is no network, an instant no word', () => {
    const key = 'resource.n'
    const readAs = (Condition: ConditionBlock, value: ContextValue) =>
      unreadableKeys([layerOf([say('Deny', Condition)])], { action: 's:A', context: { [key]: value } }).length
    expect(readAs({ IpAddress: { [key]: '10.0.0.0/8' } }, '10.0.0.0/9')).toBe(1)
    expect(readAs({ IpAddress: { [key]: '10.0.0.0/8' } }, '10.0.0.1')).toBe(0)
    expect(readAs({ DateLessThan: { [key]: 5 } }, 5)).toBe(0)
    expect(readAs({ DateLessThan: { [key]: 5 } }, 'soon')).toBe(1)
    expect(readAs({ DateLessThan: { [key]: 5 } }, true)).toBe(1)
    expect(readAs({ Bool: { [key]: 'true' } }, false)).toBe(0)
    expect(readAs({ Bool: { [key]: 'true' } }, 'yes')).toBe(1)
    expect(readAs({ Null: { [key]: 'true' } }, 'yes')).toBe(0)
    expect(readAs({ StringEquals: { [key]: 'yes' }, Bool: { [key]: 'true' } }, 'yes')).toBe(1)
    expect(readAs({ StringLike: { [key]: 'true' } }, 'yes')).toBe(0)
    expect(
      readAs({ NumericLessThan: { [key]: 5 }, DateLessThan: { [key]: 5 } }, '2026-01-01T00:00:00Z'),
    ).toBe(1)
  })
})

const FORMS: readonly (readonly [KeyType, readonly ContextValue[], readonly ContextValue[], string])[] = [
  ['string', ['', 'a'], [1, true, ['a']], 'a string'],
  ['number', [0, 1.5, '1.5', '-3', 1e15 - 1, 1 - 1e15], ['1,5', '', true, NaN, 1e15, -1e15, 1e21, ['1']], 'a number of at most 15 digits and 6 decimals'],
  ['date', [0, '0', '2026-01-31T08:00:00Z'], ['soon', -1, true, ['0']], 'an instant such as 2026-01-31T08:00:00Z, or epoch seconds'],
  ['bool', [true, false, 'true', 'false'], ['yes', 1, ['true']], 'true or false'],
  ['ip', ['10.0.0.1', '::1'], ['10.0.0.0/8', 'home', 10, ['::1']], 'an IP address'],
  ['set<string>', [[], ['a']], ['a', 1, true], 'a list of strings'],
  ['attribute', ['a', 1, true], [[], ['a']], 'a string, a number, true or false'],
] // prettier-ignore

test.each(FORMS)('a value of the type %s', (type, good, bad, said) => {
  const isOf = IS_OF_TYPE[type]
  expect(good.map(isOf)).toEqual(good.map(() => true))
  expect(bad.map(isOf)).toEqual(bad.map(() => false))
  expect(VALUE_WORDS[type]).toBe(said)
})
