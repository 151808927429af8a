import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { compilePolicy, type CompiledPolicy } from '../../policies/engine/compile.ts'
import type { Context, OwnedLayer, PrincipalFacts } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { Statement } from '../../policies/language.ts'

/*
 * What is proven and what is not, one step of the proof at a time. The giver has `has`, the account gets
 * `given`.
 */

const layerOf = (
  Statement: readonly Statement[],
  principal: PrincipalFacts,
  kind: OwnedLayer['kind'] = 'own',
): OwnedLayer => ({
  kind,
  principal,
  layer: createLayer([compilePolicy({ Statement }, { name: 'p', hash: JSON.stringify(Statement) })]),
})
const GIVER: PrincipalFacts = { 'principal.id': 'g', 'principal.role': 'admin' }
const OWNER: PrincipalFacts = {
  'principal.id': 'u',
  'principal.role': 'client',
  'principal.attributes.n': 0.5,
}
const CALLER: Context = { 'caller.id': 'u', 'caller.role': 'client', 'caller.attributes.n': 0.5 }

const allow = (
  Action: string | readonly string[],
  Resource: string | readonly string[],
  Condition?: Statement['Condition'],
): Statement => ({ Effect: 'Allow', Action, Resource, ...(Condition === undefined ? {} : { Condition }) })
const deny = (Action: string, Resource: string, Condition?: Statement['Condition']): Statement => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
})
const when = (Condition: NonNullable<Statement['Condition']>): Statement => allow('s:A', 'r/*', Condition)

interface Sides {
  readonly given: readonly Statement[]
  readonly has: readonly Statement[]
  readonly before?: readonly Statement[]
  readonly bounds?: readonly (readonly Statement[])[]
  readonly giverBounds?: readonly (readonly Statement[])[]
}

const isProven = ({ given, has, before, bounds = [], giverBounds = [] }: Sides): boolean =>
  findUnprovenRight({
    caller: CALLER,
    before: before === undefined ? [] : [layerOf(before, OWNER)],
    after: [layerOf(given, OWNER), ...bounds.map((each) => layerOf(each, OWNER, 'boundary'))],
    granter: [layerOf(has, GIVER), ...giverBounds.map((each) => layerOf(each, GIVER, 'boundary'))],
  }) === undefined

/** Under which condition of the account a condition of the giver is met in any case, and under which not. */
type Row = readonly [
  string,
  NonNullable<Statement['Condition']>,
  NonNullable<Statement['Condition']>,
  boolean,
]
const ROWS: readonly Row[] = [
  ['a number', { NumericLessThan: { 'resource.n': 3 } }, { NumericLessThanEquals: { 'resource.n': 3 } }, true],
  ['a bound', { NumericLessThanEquals: { 'resource.n': 3 } }, { NumericLessThan: { 'resource.n': 3 } }, false],
  ['a millionth', { NumericLessThanEquals: { 'resource.n': 3 } }, { NumericLessThan: { 'resource.n': 3.000001 } }, true],
  ['an upper bound', { NumericGreaterThan: { 'resource.n': 3 } }, { NumericGreaterThanEquals: { 'resource.n': 3 } }, true],
  ['an upper bound the other way', { NumericGreaterThanEquals: { 'resource.n': 3 } }, { NumericGreaterThan: { 'resource.n': 3 } }, false],
  ['a number that is not another', { NumericEquals: { 'resource.n': 3 } }, { NumericNotEquals: { 'resource.n': 4 } }, true],
  ['all but more numbers', { NumericNotEquals: { 'resource.n': [3, 4] } }, { NumericNotEquals: { 'resource.n': 4 } }, true],
  ['all but fewer numbers', { NumericNotEquals: { 'resource.n': 4 } }, { NumericNotEquals: { 'resource.n': [3, 4] } }, false],
  ['what is no number either', { NumericNotEquals: { 'resource.n': 4 } }, { NumericLessThan: { 'resource.n': 4 }, NumericGreaterThan: { 'resource.n': 4 } }, false],
  ['an instant in other words', { DateEquals: { 'resource.d': '2026-01-01T00:00:00Z' } }, { DateEquals: { 'resource.d': '1767225600' } }, true],
  ['an address of a network', { IpAddress: { 'request.ip': '10.1.2.3' } }, { IpAddress: { 'request.ip': '10.1.0.0/16' } }, true],
  ['a wider network', { IpAddress: { 'request.ip': '10.0.0.0/8' } }, { IpAddress: { 'request.ip': '10.1.0.0/16' } }, false],
  ['outside a wider network', { NotIpAddress: { 'request.ip': '10.0.0.0/8' } }, { NotIpAddress: { 'request.ip': '10.1.0.0/16' } }, true],
  ['another family', { IpAddress: { 'request.ip': '10.0.0.0/8' } }, { IpAddress: { 'request.ip': '::/0' } }, false],
  ['a mapped address', { IpAddress: { 'request.ip': '10.1.2.3' } }, { IpAddress: { 'request.ip': '::ffff:10.0.0.0/104' } }, true],
  ['a network of the resource in halves', { IpAddress: { 'resource.ip': '10.0.0.0/8' } }, { IpAddress: { 'resource.ip': ['10.0.0.0/9', '10.128.0.0/9'] } }, false],
  ['the same network of the resource', { IpAddress: { 'resource.ip': '10.0.0.0/8' } }, { IpAddress: { 'resource.ip': '10.0.0.0/8' } }, true],
  ['the opposite network of the resource', { IpAddress: { 'resource.ip': '10.0.0.0/8' } }, { NotIpAddress: { 'resource.ip': '10.0.0.0/8' } }, false],
  ['a value of several', { StringEquals: { 'resource.e': 'a' } }, { StringEquals: { 'resource.e': ['b', 'a'] } }, true],
  ['several of one', { StringEquals: { 'resource.e': ['b', 'a'] } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['a comma', { StringEquals: { 'resource.e': 'a,b' } }, { StringEquals: { 'resource.e': ['a', 'b'] } }, false],
  ['not a comma', { StringNotEquals: { 'resource.e': 'a,b' } }, { StringNotEquals: { 'resource.e': ['a', 'b'] } }, false],
  ['another case', { StringEquals: { 'resource.e': 'A' } }, { StringEqualsIgnoreCase: { 'resource.e': 'a' } }, true],
  ['any case', { StringEqualsIgnoreCase: { 'resource.e': 'a' } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['any case of a pattern', { StringEqualsIgnoreCase: { 'resource.e': 'ab' } }, { StringLike: { 'resource.e': 'a*' } }, false],
  ['not in any case', { StringNotEqualsIgnoreCase: { 'resource.e': 'a' } }, { StringNotEquals: { 'resource.e': 'A' } }, true],
  ['not in one case', { StringNotEquals: { 'resource.e': 'a' } }, { StringNotEqualsIgnoreCase: { 'resource.e': 'a' } }, false],
  ['a value that is not another in any case', { StringEquals: { 'resource.e': 'b' } }, { StringNotEqualsIgnoreCase: { 'resource.e': 'A' } }, true],
  ['a value in another case than one that is out', { StringEqualsIgnoreCase: { 'resource.e': 'A' } }, { StringNotEquals: { 'resource.e': 'a' } }, false],
  ['a narrower pattern', { StringLike: { 'resource.e': 'ab*' } }, { StringLike: { 'resource.e': 'a*' } }, true],
  ['a wider pattern', { StringLike: { 'resource.e': 'a*' } }, { StringLike: { 'resource.e': 'ab*' } }, false],
  ['patterns together', { StringLike: { 'resource.e': 'a?' } }, { StringLike: { 'resource.e': ['a', 'a*'] } }, true],
  ['a pattern apart from one that is out', { StringLike: { 'resource.e': 'a*' } }, { StringNotLike: { 'resource.e': 'b*' } }, true],
  ['a pattern that meets one that is out', { StringLike: { 'resource.e': 'a*' } }, { StringNotLike: { 'resource.e': '*b' } }, false],
  ['a wider pattern out', { StringNotLike: { 'resource.e': 'a*' } }, { StringNotEquals: { 'resource.e': 'ab' } }, true],
  ['a narrower pattern out', { StringNotEquals: { 'resource.e': 'ab' } }, { StringNotLike: { 'resource.e': 'a*' } }, false],
  ['a literal star', { StringLike: { 'resource.e': '${*}' } }, { StringEquals: { 'resource.e': '*' } }, true],
  ['a star that is none', { StringEquals: { 'resource.e': '*' } }, { StringEquals: { 'resource.e': 'x' } }, false],
  ['the same variable', { StringEquals: { 'resource.e': '${resource.f}' } }, { StringLike: { 'resource.e': '${resource.f}' } }, true],
  ['a variable after a star', { StringLike: { 'resource.e': '*${resource.f}' } }, { StringLike: { 'resource.e': '**' } }, true],
  ['a variable for one character', { StringLike: { 'resource.e': '${resource.f}' } }, { StringLike: { 'resource.e': '?' } }, false],
  ['a known variable', { StringEquals: { 'resource.e': '${caller.id}' } }, { StringEquals: { 'resource.e': 'u' } }, true],
  ['a known number', { StringEquals: { 'resource.e': '${caller.attributes.n}' } }, { StringEquals: { 'resource.e': '0.5' } }, true],
  ['another default', { StringEquals: { 'resource.e': "${resource.f, 'a'}" } }, { StringEquals: { 'resource.e': "${resource.f, 'b'}" } }, false],
  ['a bool', { Bool: { 'resource.b': true } }, { Bool: { 'resource.b': [true, false] } }, true],
  ['another bool', { Bool: { 'resource.b': true } }, { Bool: { 'resource.b': false } }, false],
  ['there', { StringEquals: { 'resource.e': 'a' } }, { Null: { 'resource.e': false } }, true],
  ['perhaps there', { StringNotEquals: { 'resource.e': 'a' } }, { Null: { 'resource.e': false } }, false],
  ['not there', { Null: { 'resource.e': true } }, { StringNotEquals: { 'resource.e': 'a' } }, true],
  ['not there, so not equal', { Null: { 'resource.e': true } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['if it exists', { StringEquals: { 'resource.e': 'a' } }, { StringEqualsIfExists: { 'resource.e': 'a' } }, true],
  ['missing too', { StringEqualsIfExists: { 'resource.e': 'a' } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['missing, but guarded', { StringEqualsIfExists: { 'resource.e': 'a' }, Null: { 'resource.e': false } }, { StringEquals: { 'resource.e': 'a' } }, true],
  ['another key', { StringEquals: { 'resource.e': 'a' } }, { StringEquals: { 'resource.f': 'a' } }, false],
  ['all of fewer', { 'ForAllValues:StringEquals': { 'orders.tags': 'a' } }, { 'ForAllValues:StringEquals': { 'orders.tags': ['a', 'b'] } }, true],
  ['all, perhaps of none', { 'ForAllValues:StringEquals': { 'orders.tags': 'a' } }, { 'ForAnyValue:StringEquals': { 'orders.tags': 'a' } }, false],
  ['some of fewer', { 'ForAnyValue:StringEquals': { 'orders.tags': 'a' } }, { 'ForAnyValue:StringEquals': { 'orders.tags': ['a', 'b'] } }, true],
  ['some are not all', { 'ForAnyValue:StringEquals': { 'orders.tags': 'a' } }, { 'ForAllValues:StringEquals': { 'orders.tags': 'a' } }, false],
  ['one value as a set', { StringEquals: { 'orders.tags': 'a' } }, { 'ForAnyValue:StringEquals': { 'orders.tags': 'a' } }, true],
  ['a set as one value', { 'ForAllValues:StringEquals': { 'orders.tags': 'a' }, Null: { 'orders.tags': false } }, { StringEquals: { 'orders.tags': 'a' } }, false],
  ['a value beside a variable that may be it', { StringEquals: { 'resource.e': 'a' } }, { StringNotEquals: { 'resource.e': ['b', '${resource.f}'] } }, false],
  ['what is shut out', { StringLike: { 'resource.e': 'a*' }, StringNotLike: { 'resource.e': 'a*' } }, { StringEquals: { 'resource.e': 'z' } }, true],
  ['what is left', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringNotLike: { 'resource.e': 'a*' } }, { StringLike: { 'resource.e': 'b*' } }, true],
  ['not what is left', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringNotLike: { 'resource.e': 'a*' } }, { StringLike: { 'resource.e': 'a*' } }, false],
  ['what two have in common', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringEqualsIgnoreCase: { 'resource.e': ['aX', 'aY'] } }, { StringLike: { 'resource.e': 'a*' } }, true],
  ['what two may have in common', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringEqualsIgnoreCase: { 'resource.e': ['aX', 'bY'] } }, { StringLike: { 'resource.e': 'a*' } }, false],
  ['the role of the account', { StringEquals: { 'principal.role': 'client' } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['a role that it has not', { StringEquals: { 'principal.role': 'admin' } }, { StringEquals: { 'resource.e': 'a' } }, true],
  ['a role that the giver has', {}, { StringEquals: { 'principal.role': 'admin' } }, true],
  ['a role that the giver has not', {}, { StringEquals: { 'principal.role': 'client' } }, false],
  ['a role of both, by a variable', {}, { StringEquals: { 'principal.role': '${resource.e}' } }, false],
] // prettier-ignore

describe('of conditions', () => {
  test.each(ROWS)('%s', (_what, given, has, isWithin) => {
    expect(isProven({ given: [when(given)], has: [when(has)] })).toBe(isWithin)
  })

  /* What the giver is denied the account is denied too, if its own Deny is met wherever the other is. */
  test.each(ROWS.filter(([what]) => !what.includes('role')))(
    'a Deny of the giver under %s',
    (_what, theirs, own, isWithin) => {
      const given = [allow('*', '*'), deny('s:A', 'r/*', own)]
      expect(isProven({ given, has: [allow('*', '*'), deny('s:A', 'r/*', theirs)] })).toBe(isWithin)
    },
  )

  test('one statement of the giver is not two', () => {
    const halves = [
      when({ StringEquals: { 'resource.e': 'a' } }),
      when({ StringNotEquals: { 'resource.e': 'a' } }),
    ]
    expect(isProven({ given: [when({})], has: halves })).toBe(false)
    const present = [
      when({ StringEquals: { 'request.ip': '10.0.0.1' } }),
      when({ StringNotEqualsIfExists: { 'request.ip': '10.0.0.1' } }),
    ]
    // The address is one, or not there.
    expect(isProven({ given: [when({})], has: present })).toBe(true)
  })
})

describe('of several statements', () => {
  const is = { StringEquals: { 'request.ip': '10.0.0.1' } }
  const isNot = { StringNotEqualsIfExists: { 'request.ip': '10.0.0.1' } }

  test('what is split by a condition is all there on each side', () => {
    expect(isProven({ given: [when({})], has: [when(is), when(isNot)] })).toBe(true)
    expect(isProven({ given: [when({})], has: [allow('s:A', 'r/a', is), when(isNot)] })).toBe(false)
    const both = when({ ...is, Bool: { 'request.mfa': true } })
    expect(isProven({ given: [when({})], has: [both, when(isNot)] })).toBe(false)
    expect(isProven({ given: [when({})], has: [both, when(isNot), when(is)] })).toBe(true)
  })

  test('what many conditions leave is not there, however deep it is looked for', () => {
    for (let count = 1; count <= 7; count++) {
      const has = Array.from({ length: count }, (_value, n) =>
        when({ StringEqualsIfExists: { [`resource.k${n}`]: 'a' } }),
      )
      expect(isProven({ given: [when({})], has })).toBe(false)
    }
  })

  test('two conditions and their opposites are everything together', () => {
    const table = [
      { StringEqualsIfExists: { 'request.ip': '10.0.0.1' }, NumericLessThan: { 'request.time': 5 } },
      { StringEqualsIfExists: { 'request.ip': '10.0.0.1' }, NumericNotEquals: { 'request.time': 5 } },
    ]
    expect(isProven({ given: [when({})], has: table.map(when) })).toBe(false)
    const [is, isNot] = [
      { StringEquals: { 'request.ip': '10.0.0.1' } },
      { StringNotEqualsIfExists: { 'request.ip': '10.0.0.1' } },
    ]
    const [early, late] = [
      { DateLessThan: { 'request.time': 5 } },
      { DateGreaterThanEquals: { 'request.time': 5 } },
    ]
    const all = [is, isNot].flatMap((one) => [early, late].map((other) => when({ ...one, ...other })))
    expect(isProven({ given: [when({})], has: all })).toBe(true)
    for (const missing of all)
      expect(isProven({ given: [when({})], has: all.filter((each) => each !== missing) })).toBe(false)
  })

  test('one after the other, four conditions are told apart, and more are not looked for', () => {
    const is = (n: number) => ({ [`caller.attributes.k${n}`]: 'a' })
    const chain = (count: number): Statement[] =>
      Array.from({ length: count + 1 }, (_value, n) =>
        when({
          StringNotEqualsIfExists: Object.assign({}, ...Array.from({ length: n }, (_none, m) => is(m))) as {},
          ...(n < count && { StringEquals: is(n) }),
        }),
      )
    const isOpen = (count: number): boolean =>
      findUnprovenRight({
        caller: {},
        before: [],
        after: [layerOf([when({})], {})],
        granter: [layerOf(chain(count), GIVER)],
      }) === undefined
    expect([1, 2, 3, 4, 5, 6, 7].map(isOpen)).toEqual([true, true, true, true, false, false, false])
  })

  test('a Deny of several resources is met by none of one of them', () => {
    const theirs: Statement = { ...deny('s:A', ''), Resource: ['r/a', 'r/b'] }
    const isMet = (...own: Statement[]): boolean =>
      isProven({ given: [allow('*', '*'), ...own], has: [allow('*', '*'), theirs] })
    expect(isMet(deny('s:A', 'r/a'))).toBe(false)
    expect(isMet(deny('s:A', 'r/b'))).toBe(false)
    expect(isMet(deny('s:A', 'r/?'))).toBe(true)
  })

  test('resources of two statements are one list', () => {
    const has = [allow('s:A', 'r/a'), allow('s:A', 'r/a?*')]
    expect(isProven({ given: [allow('s:A', 'r/a*')], has })).toBe(true)
    expect(isProven({ given: [allow('s:A', 'r/*')], has })).toBe(false)
    expect(isProven({ given: [allow('s:*', 'r/a*')], has })).toBe(false)
  })

  test('a statement that no request meets gives nothing', () => {
    const never = when({
      NumericLessThan: { 'resource.n': 1 },
      NumericGreaterThan: { 'resource.n': 2 },
      Null: { 'resource.n': false },
    })
    expect(isProven({ given: [never], has: [allow('x:None', 'x/x')] })).toBe(true)
  })

  test('a Deny that what bounds the account keeps away does no harm', () => {
    const has = [allow('*', '*'), deny('s:Write', '*'), deny('s:Read', 'x/*')]
    expect(isProven({ given: [allow('*', '*')], has, bounds: [[allow('s:Read', 'r/*')]] })).toBe(true)
    expect(isProven({ given: [allow('*', '*')], has, bounds: [[allow('s:*', 'r/*')]] })).toBe(false)
  })
})

describe('of layers', () => {
  const wide = [allow('*', '*')]
  const read = [allow('s:Read', 'r/*')]

  test('each layer of the giver must have it: one that may do everything is not enough', () => {
    expect(isProven({ given: read, has: wide, giverBounds: [[allow('s:Write', 'r/*')]] })).toBe(false)
    expect(isProven({ given: read, has: wide, giverBounds: [[deny('s:Read', 'r/a')]] })).toBe(false)
    expect(isProven({ given: read, has: wide, giverBounds: [[...wide, deny('s:Read', 'r/a')]] })).toBe(false)
    expect(isProven({ given: read, has: wide, giverBounds: [read] })).toBe(true)
  })

  test('a boundary of the account holds it back', () => {
    expect(isProven({ given: wide, has: read, bounds: [read] })).toBe(true)
    expect(isProven({ given: wide, has: read, bounds: [wide] })).toBe(false)
    expect(isProven({ given: wide, has: read, bounds: [[allow('s:Read', '*')], [allow('*', 'r/*')]] })).toBe(
      true,
    )
    expect(isProven({ given: wide, has: read, bounds: [[allow('s:*', 'r/*')]] })).toBe(false)
  })

  test('what it had in other words is not given; what held it back and goes is', () => {
    const none = [allow('x:None', 'x/x')]
    expect(isProven({ given: read, before: wide, has: none })).toBe(true)
    expect(isProven({ given: wide, before: read, has: none })).toBe(false)
    expect(isProven({ given: read, before: [...wide, deny('s:Read', 'r/a')], has: none })).toBe(false)
    const kept = [...read, deny('s:*', 'r/a')]
    expect(isProven({ given: kept, before: [...wide, deny('s:Read', 'r/a')], has: none })).toBe(true)
    const narrowed = [...read, deny('s:Read', 'r/a', { Bool: { 'resource.b': true } })]
    expect(isProven({ given: narrowed, before: [...wide, deny('s:Read', 'r/a')], has: none })).toBe(false)
  })

  test('without a layer nobody has anything, and gets nothing', () => {
    const nothing = { caller: CALLER, before: [], after: [layerOf(read, OWNER)], granter: [] }
    expect(findUnprovenRight(nothing)).toMatchObject({ action: 's:Read' })
    expect(findUnprovenRight({ ...nothing, after: [] })).toBeUndefined()
    expect(
      findUnprovenRight({ ...nothing, granter: [layerOf(wide, GIVER), layerOf([], GIVER)] }),
    ).toBeDefined()
  })

  test('a layer of the giver that is asked at every request of the account is the cap', () => {
    const cap = layerOf(read, GIVER)
    const grant = { caller: CALLER, before: [], after: [layerOf(wide, OWNER), cap], granter: [cap] }
    expect(findUnprovenRight(grant)).toBeUndefined()
    expect(
      findUnprovenRight({ ...grant, granter: [layerOf(read, OWNER)], after: [layerOf(wide, OWNER)] }),
    ).toBeDefined()
  })

  test('whoever is not known may be anybody', () => {
    const own = [allow('s:Read', 'r/${principal.id}')]
    const anyone = (has: readonly Statement[]) =>
      findUnprovenRight({ caller: {}, before: [], after: [layerOf(own, {})], granter: [layerOf(has, GIVER)] })
    expect(anyone([allow('s:Read', 'r/*')])).toBeUndefined()
    expect(anyone([allow('s:Read', 'r/?')])).toBeDefined()
    expect(anyone([allow('s:Read', 'r/${principal.id}')])).toBeDefined()
  })

  test('what bounds the account counts with what it has, in each element', () => {
    const isWithin = (given: Statement, bound: Statement, has: Statement): boolean =>
      isProven({ given: [given], bounds: [[bound]], has: [has] })
    const is = { StringEquals: { 'resource.e': 'a' } }
    expect(isWithin(allow('*', 'r/a/*'), allow('s:A', '*'), allow('s:A', 'r/a/*'))).toBe(true)
    expect(isWithin(allow('*', 'r/*'), allow('s:A', '*'), allow('s:A', 'r/a/*'))).toBe(false)
    expect(isWithin(allow('s:A', '*'), allow('*', 'r/a/*'), allow('s:A', 'r/a/*'))).toBe(true)
    expect(isWithin(allow('s:*', '*'), allow('*', 'r/a/*'), allow('s:A', 'r/a/*'))).toBe(false)
    expect(isWithin(allow('*', 'r/*', is), allow('s:A', '*'), allow('s:A', 'r/*', is))).toBe(true)
    expect(isWithin(allow('*', 'r/*'), allow('s:A', '*', is), allow('s:A', 'r/*', is))).toBe(true)
    expect(isWithin(allow('*', 'r/*'), allow('s:A', '*'), allow('s:A', 'r/*', is))).toBe(false)
  })

  test('an attribute may be a list', () => {
    const isGiven = (list: readonly string[], Condition: NonNullable<Statement['Condition']>): boolean =>
      findUnprovenRight({
        caller: CALLER,
        before: [],
        after: [layerOf([when(Condition)], { ...OWNER, 'principal.attributes.l': list })],
        granter: [layerOf([allow('x:None', 'x/x')], GIVER)],
      }) !== undefined
    const some = { 'ForAnyValue:StringEquals': { 'principal.attributes.l': 'b' } }
    expect(isGiven(['a', 'b'], some)).toBe(true)
    expect(isGiven(['a'], some)).toBe(false)
    expect(isGiven([], some)).toBe(false)
    expect(isGiven([], { Null: { 'principal.attributes.l': true } })).toBe(true)
    expect(isGiven(['a'], { Null: { 'principal.attributes.l': true } })).toBe(false)
  })

  test('a policy that stays is not given again; one that is held back no more is', () => {
    const policy = (name: string, ...Statement: Statement[]) =>
      compilePolicy({ Statement }, { name, hash: JSON.stringify(Statement) })
    const own = (principal: PrincipalFacts, ...policies: CompiledPolicy[]): OwnedLayer => ({
      kind: 'own',
      principal,
      layer: createLayer(policies),
    })
    const [writing, reading] = [policy('w', allow('s:Write', 'r/*')), policy('r', allow('s:Read', 'r/*'))]
    const never = policy('n', deny('s:Write', 'r/a'))
    const isGiven = (before: readonly OwnedLayer[], after: readonly OwnedLayer[], was = CALLER): boolean =>
      findUnprovenRight({
        caller: CALLER,
        callerBefore: was,
        before,
        after,
        granter: [layerOf(read, GIVER)],
      }) !== undefined
    expect(isGiven([own(OWNER, writing)], [own(OWNER, writing, reading)])).toBe(false)
    expect(isGiven([own(OWNER, reading)], [own(OWNER, writing, reading)])).toBe(true)
    expect(isGiven([own(OWNER, writing, never)], [own(OWNER, writing, reading)])).toBe(true)
    expect(isGiven([own(OWNER, writing, never)], [own(OWNER, writing, reading, never)])).toBe(false)
    // What bounded it goes as well.
    const bound = layerOf(read, OWNER, 'boundary')
    expect(isGiven([own(OWNER, writing), bound], [own(OWNER, writing, reading)])).toBe(true)
    expect(isGiven([own(OWNER, writing), bound], [own(OWNER, writing, reading), bound])).toBe(false)
    // Of another account it is another policy.
    const mine = policy('m', allow('s:Write', 'r/${principal.attributes.n}/${caller.attributes.n}'))
    expect(isGiven([own({ ...OWNER, 'principal.attributes.n': 1 }, mine)], [own(OWNER, mine)])).toBe(true)
    expect(isGiven([own(OWNER, mine)], [own(OWNER, mine, reading)])).toBe(false)
    const byAttribute = { ...CALLER, 'caller.attributes.n': 1 }
    expect(isGiven([own(OWNER, mine)], [own(OWNER, mine, reading)], byAttribute)).toBe(true)
  })

  test('a changed attribute is read anew', () => {
    const gold = [when({ StringEquals: { 'principal.attributes.t': 'gold' } })]
    const none = [allow('x:None', 'x/x')]
    const as = (t: string) => layerOf(gold, { ...OWNER, 'principal.attributes.t': t })
    const change = (was: string, is: string) =>
      findUnprovenRight({
        caller: CALLER,
        before: [as(was)],
        after: [as(is)],
        granter: [layerOf(none, GIVER)],
      })
    expect(change('silver', 'gold')).toBeDefined()
    expect(change('gold', 'gold')).toBeUndefined()
    const byCaller = layerOf([when({ StringEquals: { 'caller.attributes.t': 'gold' } })], OWNER)
    const asCaller = (was: string, is: string) =>
      findUnprovenRight({
        caller: { ...CALLER, 'caller.attributes.t': is },
        callerBefore: { ...CALLER, 'caller.attributes.t': was },
        before: [byCaller],
        after: [byCaller],
        granter: [layerOf(none, GIVER)],
      })
    expect(asCaller('silver', 'gold')).toBeDefined()
    expect(asCaller('gold', 'gold')).toBeUndefined()
  })
})

describe('of actions and resources', () => {
  test.each<[string, Statement, Statement, boolean]>([
    ['a wildcard is not all verbs', allow('s:*', 'r/*'), allow(['s:A', 's:B'], 'r/*'), false],
    ['a wildcard is a wider one', allow('s:A*', 'r/*'), allow('s:*', 'r/*'), true],
    ['in any case', allow('S:a', 'r/*'), allow('s:A', 'r/*'), true],
    ['all but more actions', { Effect: 'Allow', NotAction: ['s:A', 's:B'], Resource: 'r/*' }, { Effect: 'Allow', NotAction: 's:A', Resource: 'r/*' }, true],
    ['all but fewer actions', { Effect: 'Allow', NotAction: 's:A', Resource: 'r/*' }, { Effect: 'Allow', NotAction: ['s:A', 's:B'], Resource: 'r/*' }, false],
    ['an action that is not out', allow('s:A', 'r/*'), { Effect: 'Allow', NotAction: 's:B*', Resource: 'r/*' }, true],
    ['actions of which one is out', allow('s:*', 'r/*'), { Effect: 'Allow', NotAction: 's:B', Resource: 'r/*' }, false],
    ['a complement within everything', { Effect: 'Allow', Action: 's:A', NotResource: 'r/a' }, allow('s:A', '*'), true],
    ['a complement and what is left out', { Effect: 'Allow', Action: 's:A', NotResource: 'r/*' }, { Effect: 'Allow', Action: 's:A', NotResource: 'r/a' }, true],
    ['a complement that leaves less out', { Effect: 'Allow', Action: 's:A', NotResource: 'r/a' }, { Effect: 'Allow', Action: 's:A', NotResource: 'r/*' }, false],
    ['what a complement leaves, in so many words', { Effect: 'Allow', Action: 's:A', NotResource: '??*' }, allow('s:A', ['', '?']), true],
    ['not all that a complement leaves', { Effect: 'Allow', Action: 's:A', NotResource: '???*' }, allow('s:A', ['', '?']), false],
    ['everything is not a type', allow('s:A', '*'), allow('s:A', 'r/*'), false],
    ['one of two resources', allow('s:A', ['r/a', 'r/b']), allow('s:A', 'r/a'), false],
    ['two patterns together', allow('s:A', 'r/a*'), allow('s:A', ['r/a', 'r/a?*']), true],
    ['a variable without a value', allow('s:A', 'r/${principal.attributes.none}'), allow('x:None', 'x/x'), true],
    ['a default for it', allow('s:A', "r/${principal.attributes.none, 'd'}"), allow('s:A', 'r/d'), true],
    ['a star in a fact is no wildcard', allow('s:A', "r/${principal.attributes.none, '*'}"), allow('s:A', 'r/${*}'), true],
  ])('%s', (_what, given, has, isWithin) => {
    expect(isProven({ given: [given], has: [has] })).toBe(isWithin)
  }) // prettier-ignore

  test('a Deny of the giver about other actions, resources or values does no harm', () => {
    const given = [allow('s:A', 'r/a/*', { StringEquals: { 'resource.e': 'a' } })]
    const against = (...denies: Statement[]) => isProven({ given, has: [allow('*', '*'), ...denies] })
    expect(against(deny('s:B', '*'))).toBe(true)
    expect(against(deny('*', 'r/b/*'))).toBe(true)
    expect(against(deny('*', 'r/*/b'))).toBe(false)
    expect(against(deny('*', '*', { StringEquals: { 'resource.e': 'b' } }))).toBe(true)
    expect(against(deny('*', '*', { StringEquals: { 'resource.e': ['b', 'a'] } }))).toBe(false)
    expect(against({ Effect: 'Deny', NotAction: 's:*', Resource: '*' })).toBe(true)
    expect(against({ Effect: 'Deny', NotAction: 's:B', Resource: '*' })).toBe(false)
    expect(against({ Effect: 'Deny', Action: '*', NotResource: 'r/a*' })).toBe(true)
    expect(against({ Effect: 'Deny', Action: '*', NotResource: 'r/a/b' })).toBe(false)
    expect(against(deny('s:B', '*'), deny('s:A', 'r/a/b'))).toBe(false)
  })
})
