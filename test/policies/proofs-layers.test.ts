import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import type { Statement } from '../../policies/language.ts'
import { allow, CALLER, deny, GIVER, isProven, layerOf, OWNER, when } from './proof-words.ts'

/* What several statements and layers prove together. */

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

  test('one that asks for much more keeps no other from being looked at', () => {
    const far = { ...is, Bool: { 'request.mfa': true, 'resource.b': true } }
    expect(isProven({ given: [when({})], has: [when(far), when(is), when(isNot)] })).toBe(true)
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
    const [early, late] = [
      { DateLessThan: { 'request.time': 5 } },
      { DateGreaterThanEquals: { 'request.time': 5 } },
    ]
    const all = [is, isNot].flatMap((one) => [early, late].map((other) => when({ ...one, ...other })))
    expect(isProven({ given: [when({})], has: all })).toBe(true)
    for (const missing of all)
      expect(isProven({ given: [when({})], has: all.filter((each) => each !== missing) })).toBe(false)
  })

  test('a variable that perhaps cannot be read is met by no Allow, whatever stands beside it', () => {
    const splitBy = (...values: string[]): Statement[] => [
      when({ IpAddress: { 'request.ip': values } }),
      when({ NotIpAddressIfExists: { 'request.ip': values } }),
    ]
    const isOpen = (has: Statement[]): boolean =>
      findUnprovenRight({
        caller: {},
        before: [],
        after: [layerOf([when({})], {})],
        granter: [layerOf(has, GIVER)],
      }) === undefined
    expect(isOpen(splitBy('${resource.m}'))).toBe(true)
    expect(isOpen(splitBy('${resource.m}', '${caller.attributes.n}'))).toBe(false)
  })

  test('a variable that is known is its value: what is denied but for it is denied to nobody who has it', () => {
    const given = [when({ NumericEquals: { 'resource.n': ['${resource.m}', '0.5'] } })]
    const but = { NumericNotEquals: { 'resource.n': ['${resource.m}', '${caller.attributes.n}'] } }
    expect(isProven({ given, has: [allow('*', '*'), deny('s:A', 'r/*', but)] })).toBe(true)
  })

  test('one after the other, four conditions are told apart, and more are not looked for', () => {
    const nth = (n: number) => ({ [`caller.attributes.k${n}`]: 'a' })
    const chain = (count: number): Statement[] =>
      Array.from({ length: count + 1 }, (_value, n) =>
        when({
          StringNotEqualsIfExists: Object.assign(
            {},
            ...Array.from({ length: n }, (_none, m) => nth(m)),
          ) as {},
          ...(n < count && { StringEquals: nth(n) }),
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
    const more = [...read, allow('s:Write', 'r/*')]
    expect(isProven({ given: more, before: read, has: none })).toBe(false)
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

  test('it is the cap however many statements it has, and whoever they speak of', () => {
    const each = Array.from({ length: 70 }, (_none, n) => allow('s:Read', `r/\${caller.id}/${n}/*`))
    const cap = layerOf(each, GIVER)
    const grant = { caller: CALLER, before: [], after: [layerOf(wide, OWNER), cap], granter: [cap] }
    expect(findUnprovenRight(grant)).toBeUndefined()
  })

  test('an account that is not known may be anybody', () => {
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

  test('what its boundary denies, the giver may be denied too', () => {
    const but = [...wide, deny('s:Write', 'r/a')]
    expect(isProven({ given: wide, bounds: [but], has: but })).toBe(true)
  })

  test('a giver who may do everything is compared with nothing', () => {
    const grant = {
      caller: CALLER,
      before: [],
      after: [layerOf(read, OWNER)],
      granter: [layerOf(wide, GIVER)],
    }
    let spent = 0
    expect(findUnprovenRight(grant, (comparisons) => (spent += comparisons))).toBeUndefined()
    expect(spent).toBe(0)
  })

  test('what bounds it cuts it into so many pieces, and not more', () => {
    const cut = (count: number): boolean =>
      isProven({
        given: wide,
        bounds: [Array.from({ length: count }, (_none, n) => allow('s:Read', `r/${n}/*`))],
        has: read,
      })
    expect([cut(64), cut(65)]).toEqual([true, false])
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
})
