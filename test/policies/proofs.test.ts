import { describe, expect, test } from 'vitest'
import type { Statement } from '../../policies/language.ts'
import { allow, deny, isProven, when } from './proof-words.ts'

/* What is proven and what is not, one step of the proof at a time. */

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
  ['a text that is no bool', { StringEquals: { 'resource.b': 'x' } }, { Bool: { 'resource.b': true } }, false],
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
  ['what nothing meets: a variable, and all but it', { NumericEquals: { 'resource.n': '${resource.m}' }, NumericNotEquals: { 'resource.n': '${resource.m}' } }, { StringEquals: { 'resource.e': 'a' } }, true],
  ['the default of an attribute that is an empty set', { NumericEquals: { 'resource.n': 7 } }, { NumericEquals: { 'resource.n': "${caller.attributes.none, '7'}" } }, true],
  ['what is shut out', { StringLike: { 'resource.e': 'a*' }, StringNotLike: { 'resource.e': 'a*' } }, { StringEquals: { 'resource.e': 'z' } }, true],
  ['what is left', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringNotLike: { 'resource.e': 'a*' } }, { StringLike: { 'resource.e': 'b*' } }, true],
  ['not what is left', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringNotLike: { 'resource.e': 'a*' } }, { StringLike: { 'resource.e': 'a*' } }, false],
  ['what two have in common', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringEqualsIgnoreCase: { 'resource.e': ['aX', 'aY'] } }, { StringLike: { 'resource.e': 'a*' } }, true],
  ['what two may have in common', { StringLike: { 'resource.e': ['a*', 'b*'] }, StringEqualsIgnoreCase: { 'resource.e': ['aX', 'bY'] } }, { StringLike: { 'resource.e': 'a*' } }, false],
  ['the role of the account', { StringEquals: { 'principal.role': 'client' } }, { StringEquals: { 'resource.e': 'a' } }, false],
  ['a role that it has not', { StringEquals: { 'principal.role': 'admin' } }, { StringEquals: { 'resource.e': 'a' } }, true],
  ['a role that the giver has', {}, { StringEquals: { 'principal.role': 'admin' } }, true],
  ['a role that the giver has not', {}, { StringEquals: { 'principal.role': 'client' } }, false],
  ['the role of each, by the same variable', { StringEquals: { 'principal.role': '${resource.e}' } }, { StringEquals: { 'principal.role': '${resource.e}' } }, false],
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
