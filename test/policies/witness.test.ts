import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue, type DeclaredAction } from '../../policies/catalogue.ts'
import { findLackingRight } from '../../policies/ceiling/ceiling.ts'
import { createBudget, isUnlimited } from '../../policies/ceiling/grant.ts'
import { contextsFor, resourcesOf } from '../../policies/ceiling/witness.ts'
import { compilePolicy, type CompiledStatement } from '../../policies/engine/compile.ts'
import { decide, type Context, type OwnedLayer, type PrincipalFacts } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { ConditionBlock, Service, Statement } from '../../policies/language.ts'
import { anyLayer, prepareLayers } from './arbitraries.ts'
import { CATALOGUE, ORDERS } from './samples.ts'

/* Which requests the ceiling asks about, and what it says of them. */

const layerOf = (Statement: readonly Statement[], principal: PrincipalFacts = {}): OwnedLayer => ({
  kind: 'own',
  principal,
  layer: createLayer([compilePolicy({ Statement }, { name: 'p', hash: JSON.stringify(Statement) })]),
})
const compiled = (statement: Partial<Statement>): CompiledStatement => {
  const [found] = layerOf([{ Effect: 'Allow', Action: '*', ...statement }]).layer.statements
  if (found === undefined) throw new Error('no statement')
  return found
}
const allow = (Action: string, Resource: string, Condition: ConditionBlock = {}): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  Condition,
})
const deny = (Action: string, Resource: string, Condition: ConditionBlock = {}): Statement => ({
  ...allow(Action, Resource, Condition),
  Effect: 'Deny',
})

describe('resources near a statement', () => {
  const action: DeclaredAction = { name: 'orders:Read', resources: ['order', 'invoice'], keys: new Set() }
  const facts = { 'caller.path': 'adm/cli', 'principal.id': 'u' }
  const [one, many] = [
    ['order/~', 'order/~/~'],
    ['invoice/~', 'invoice/~/~'],
  ]

  test.each<[string, Partial<Statement>, readonly string[]]>([
    ['a star is a segment, several, and nothing', { Resource: 'order/x*' }, ['order/x~', 'order/x~/~', 'order/x']],
    ['what ends in nothing is no resource', { Resource: 'order/*' }, one],
    ['one character', { Resource: 'order/a?' }, ['order/a~', 'order/a~', 'order/a~']],
    ['everything, of every type', { Resource: '*' }, [...one, ...many]],
    ['a pattern after everything', { Resource: ['*', 'order/1'] }, [...one, ...many, 'order/1', 'order/1', 'order/1']],
    ['a pattern after what is not known', { Resource: ['order/${principal.role}', 'order/1'] }, ['order/1', 'order/1', 'order/1']],
    ['each pattern', { Resource: ['order/1', '*'] }, ['order/1', 'order/1', 'order/1', ...one, ...many]],
    ['another type', { Resource: ['place/x', 'orders/x'] }, []],
    ['a type that begins like one', { Resource: 'orderly/x' }, []],
    ['what is known', { Resource: 'order/${principal.id}' }, ['order/u', 'order/u', 'order/u']],
    ['what is not known', { Resource: ['order/${principal.role}', 'order/${resource.x}'] }, []],
    ['a default', { Resource: "order/${resource.x, 'd'}" }, ['order/d', 'order/d', 'order/d']],
    ['an empty default', { Resource: "order/a${resource.x, ''}" }, ['order/a', 'order/a', 'order/a']],
    ['what is not canonical', { Resource: ['order//x', 'order/./x', 'order/../x', 'order/x/'] }, []],
    [
      'a complement is not about its patterns, and about others',
      { NotResource: 'order/a/*' },
      ['order/~', 'order/adm/cli', 'invoice/~', 'invoice/adm/cli', 'order/a/~', 'order/a/~/~'],
    ],
  ])('%s', (_what, statement, expected) => {
    expect([...resourcesOf(compiled(statement), action, facts)]).toEqual(expected)
  }) // prettier-ignore

  test('without a caller nothing stands for its path', () => {
    expect([...resourcesOf(compiled({ NotResource: 'order/a' }), action, {})].slice(0, 2)).toEqual([
      'order/~',
      'order/~',
    ])
  })
})

describe('contexts in which conditions may hold', () => {
  const service: Service = {
    ...ORDERS,
    actions: {
      ...ORDERS.actions,
      Ship: { resources: ['order'], keys: ['orders.fragile', 'orders.weight', 'orders.carrier'] },
    },
    context_keys: {
      ...ORDERS.context_keys,
      'orders.fragile': { type: 'bool', always: false },
      'orders.weight': { type: 'number', always: false },
      'orders.carrier': { type: 'string', always: true },
    },
  }
  const catalogue = createCatalogue([service])
  const actionOf = (name: string): DeclaredAction => {
    const found = catalogue.actions.get(name)
    if (found === undefined) throw new Error(`${name} is declared`)
    return found
  }
  const contexts = (name: string, Condition: ConditionBlock, facts: Context = {}): Context[] => [
    ...contextsFor([compiled({ Resource: '*', Condition })], actionOf(name), { catalogue, facts }),
  ]
  const valuesOf = (name: string, Condition: ConditionBlock, key: string, facts: Context = {}) =>
    contexts(name, Condition, facts).map((context) => context[key])

  test.each<[string, string, ConditionBlock, string, readonly unknown[]]>([
    ['a number that is always there', 'orders:Read', { NumericLessThan: { 'orders.total': 100 } }, 'orders.total', ['100', '99', '101']],
    ['a number that need not be there', 'orders:List', { NumericLessThan: { 'orders.total': 100 } }, 'orders.total', [undefined, '100', '99', '101']],
    ['what is no number', 'orders:List', { NumericLessThan: { 'orders.total': 'many' } }, 'orders.total', [undefined]],
    ['what is no number, where one is always there', 'orders:Read', { NumericLessThan: { 'orders.total': 'many' } }, 'orders.total', [undefined]],
    ['a bool', 'orders:Ship', { Bool: { 'orders.fragile': true } }, 'orders.fragile', [undefined, 'true', 'false']],
    ['a set', 'orders:Read', { 'ForAnyValue:StringEquals': { 'orders.tags': ['a', 'b'] } }, 'orders.tags', [undefined, ['a'], ['b']]],
    ['a set of a size', 'orders:Read', { SizeLessThan: { 'orders.tags': 2 } }, 'orders.tags', [undefined, ['2'], ['~0', '~1'], ['~0', '~1', '~2']]],
    ['whether it is there', 'orders:Read', { Null: { 'orders.tags': true } }, 'orders.tags', [undefined]],
    ['an instant, and those beside it', 'orders:Read', { DateLessThan: { 'orders.placed': '1970-01-01T00:01:00.5Z' } }, 'orders.placed', [undefined, 59, 60, 61]],
    ['an address of a network', 'orders:List', { IpAddress: { 'request.ip': ['10.0.0.0/8', '::/0', 'home'] } }, 'request.ip', [undefined, '10.0.0.0', '::']],
    ['a pattern, and another value', 'orders:List', { StringLike: { 'resource.x': 'a*?' } }, 'resource.x', [undefined, 'a~~', '~']],
    ['a text that is always there', 'orders:Ship', { StringEquals: { 'orders.carrier': 'a' } }, 'orders.carrier', ['a', '~']],
    ['the same value twice', 'orders:List', { StringEquals: { 'resource.x': 'a' }, StringNotEquals: { 'resource.x': 'a' } }, 'resource.x', [undefined, 'a', '~']],
    ['a key that nobody declares', 'orders:List', { StringEquals: { 'x.y': 'a' } }, 'x.y', [undefined, 'a', '~']],
  ])('%s', (_what, name, Condition, key, expected) => {
    expect(valuesOf(name, Condition, key)).toEqual(expected)
  }) // prettier-ignore

  test('what is known stays beside the other values, and nobody asks in the past', () => {
    const key = 'request.time'
    const later = { DateLessThan: { [key]: ['1970-01-01T00:01:40Z', '1970-01-01T00:00:01Z'] } }
    expect(valuesOf('orders:List', later, key, { [key]: 100 })).toEqual([100, 100, 101])
    expect(valuesOf('orders:List', later, key, { [key]: 101 })).toEqual([101, 101])
    expect(valuesOf('orders:List', later, key)).toEqual([99, 100, 101, 0, 1, 2])
    expect(
      valuesOf('orders:Read', { DateLessThan: { 'orders.placed': 5 } }, 'orders.placed', { [key]: 100 }),
    ).toEqual([undefined, 4, 5, 6])
    const office = { IpAddress: { 'request.ip': '10.0.0.0/8' } }
    expect(valuesOf('orders:List', office, 'request.ip', { 'request.ip': '::1' })).toEqual([
      '::1',
      '10.0.0.0',
    ])
  })

  test('a time of day comes when it is asked for, or where anything may be said, on the first day', () => {
    const [now, HOUR] = [10 * 86_400, 3600]
    const asked = (key: string) =>
      valuesOf('orders:Read', { TimeOfDay: { [key]: '09:00-17:00 UTC' } }, key, { 'request.time': now })
    expect(asked('request.time')).toContain(now + 9 * HOUR)
    expect(asked('orders.placed')).toContain(9 * HOUR)
  })

  test('a variable stands for what is known of the caller, who may own the policy too', () => {
    for (const text of ['${principal.team}', '${caller.team}']) {
      const named = { StringEquals: { 'resource.x': text } }
      expect(valuesOf('orders:List', named, 'resource.x', { 'caller.team': 'a' })).toEqual([
        undefined,
        'a',
        '~',
      ])
    }
  })

  test('a set has a hundred elements at most', () => {
    const sizes = valuesOf('orders:Read', { SizeLessThan: { 'orders.tags': 100 } }, 'orders.tags')
    expect(sizes.map((each) => (Array.isArray(each) ? each.length : each))).toEqual([undefined, 1, 100])
  })

  test('of accounts nothing is thought of', () => {
    const Condition = { StringEquals: { 'caller.attributes.x': 'a', 'principal.role': 'b' } }
    expect(contexts('orders:List', Condition, { 'caller.id': 'u' })).toEqual([{ 'caller.id': 'u' }])
  })

  test('every combination, the first keys first, and no more than sixty-four', () => {
    const few = {
      Bool: { 'orders.fragile': true },
      Null: { 'resource.x': true },
      StringEquals: { 'resource.x': 'a' },
    }
    expect(contexts('orders:Ship', few).map((context) => Object.values(context).join(' '))).toEqual([
      '',
      'true',
      'false',
      'a',
      'true a',
      'false a',
      '~',
      'true ~',
      'false ~',
    ])
    const keys = Object.fromEntries(Array.from({ length: 7 }, (_value, n) => [`resource.k${n}`, 'a']))
    expect(contexts('orders:List', { StringEquals: keys })).toHaveLength(64)
  })
})

describe('what is found', () => {
  const CALLER = { 'caller.id': 'a', 'caller.team': 'a', 'request.time': 1_790_000_000 }
  const BEFORE = { 'caller.team': 'b' }

  test('is a right that the account has by the change, and had not, and the maker lacks', () => {
    const some = fc.array(anyLayer, { minLength: 1, maxLength: 2 })
    let found = 0
    fc.assert(
      fc.property(some, some, some, fc.boolean(), (before, after, granter, isChanged) => {
        const [was, is, gives] = [before, after, granter].map((sources) => prepareLayers(sources))
        const callerBefore = isChanged ? { ...CALLER, ...BEFORE } : undefined
        const grant = { caller: CALLER, before: was ?? [], after: is ?? [], granter: gives ?? [] }
        const right = findLackingRight({ ...grant, ...(callerBefore && { callerBefore }) }, CATALOGUE)
        if (right === undefined) return
        found += 1
        expect(decide(grant.after, right).verdict).toBe('ALLOW')
        expect(decide(grant.granter, right).verdict).not.toBe('ALLOW')
        expect(decide(grant.granter, right)).toEqual(right.decision)
        // What is asked stays, the time among it: only the caller was another.
        const then = { ...right, context: { ...right.context, ...(isChanged && BEFORE) } }
        expect(decide(grant.before, then).verdict).not.toBe('ALLOW')
      }),
      { numRuns: 300 },
    )
    expect(found).toBeGreaterThan(20)
  })

  const lacking = (
    after: readonly Statement[],
    granter: readonly Statement[],
    before: readonly Statement[] = [],
  ) =>
    findLackingRight(
      {
        caller: { ...CALLER, 'caller.attributes.t': 'gold' },
        callerBefore: { ...CALLER, 'caller.attributes.t': 'silver' },
        before: [layerOf(before, { 'principal.id': 'u' })],
        after: [layerOf(after, { 'principal.id': 'u' })],
        granter: [layerOf(granter, { 'principal.id': 'g' })],
      },
      CATALOGUE,
    )
  const none = [allow('orders:List', 'order/none')]
  const gold = { StringEquals: { 'caller.attributes.t': 'gold' } }

  test.each<[string, Statement[], Statement[], Statement[], object | undefined]>([
    ['by an attribute that changes', [allow('orders:Read', 'order/a', gold)], none, [allow('orders:Read', 'order/a', gold)], { resource: 'order/a' }],
    ['not what it had by the old attribute', [allow('orders:Read', 'order/a', gold)], none, [allow('orders:Read', 'order/a', { StringEquals: { 'caller.attributes.t': 'silver' } })], undefined],
    ['what it has by its own name', [allow('orders:Read', 'order/${principal.id}')], none, [], { resource: 'order/u' }],
    ['what it has by the name of its caller', [allow('orders:Read', 'order/${caller.id}')], none, [], { resource: 'order/a' }],
    ['under a condition of its own alone', [allow('orders:Read', 'order/a', { StringEquals: { 'resource.x': 'y' } })], none, [], { context: expect.objectContaining({ 'resource.x': 'y' }) as unknown }],
    ['beside a condition of what it had', [allow('orders:Read', 'order/a')], none, [allow('orders:Read', 'order/a', { StringNotEquals: { 'resource.x': 'y' } })], { context: expect.objectContaining({ 'resource.x': 'y' }) as unknown }],
    ['beside a condition of the giver', [allow('orders:Read', 'order/a')], [allow('orders:Read', 'order/a'), deny('orders:Read', '*', { StringEquals: { 'resource.x': 'y' } })], [], { context: expect.objectContaining({ 'resource.x': 'y' }) as unknown }],
    ['what it was denied', [allow('orders:Read', 'order/*')], none, [allow('orders:Read', 'order/*'), deny('orders:Read', 'order/a')], { resource: 'order/a' }],
    ['what it had all but', [allow('orders:Read', 'order/*')], none, [{ Effect: 'Allow', Action: 'orders:Read', NotResource: 'order/a' }], { resource: 'order/a' }],
    ['a second resource', [allow('orders:Read', 'order/a'), allow('orders:Read', 'order/b')], none, [allow('orders:Read', 'order/a')], { resource: 'order/b' }],
  ])('%s', (_what, after, granter, before, expected) => {
    const found = lacking(after, granter, before)
    if (expected === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject({ action: 'orders:Read', ...expected })
  }) // prettier-ignore

  test('an account without a layer may nothing', () => {
    const grant = {
      caller: CALLER,
      before: [],
      after: [layerOf([allow('orders:Read', 'order/a')])],
      granter: [],
    }
    expect(findLackingRight(grant, CATALOGUE)).toMatchObject({ action: 'orders:Read', resource: 'order/a' })
  })

  test('what is compared is counted: each statement of an action, its patterns and its conditions', () => {
    const costs: number[] = []
    const spend = (comparisons: number): void => void costs.push(comparisons)
    const grant = {
      caller: CALLER,
      before: [layerOf([allow('orders:Read', 'order/x'), allow('orders:Write', 'order/x')])],
      after: [layerOf([allow('orders:Read', 'order/a', { StringEquals: { 'caller.id': 'a' } })])],
      granter: [layerOf([allow('orders:*', 'order/*')])],
    }
    expect(findLackingRight(grant, CATALOGUE, spend)).toBeUndefined()
    // Four statements are looked through; of Read there are three with a pattern each, and one condition.
    expect(costs).toEqual([4, 7])
    expect(() => findLackingRight(grant, CATALOGUE, createBudget())).not.toThrow()
  })
})

test.each<[string, Statement[], boolean]>([
  ['everything', [allow('*', '*')], true],
  ['everything beside something', [allow('orders:Read', 'order/a'), { Effect: 'Allow', Action: ['a:B', '*'], Resource: ['b/c', '*'] }], true],
  ['everything but what it is denied', [allow('*', '*'), deny('orders:Read', 'order/a')], false],
  ['everything under a condition', [allow('*', '*', { Bool: { 'request.mfa': true } })], false],
  ['every action', [allow('*', 'order/*')], false],
  ['every resource', [allow('orders:*', '*')], false],
  ['no action', [{ Effect: 'Allow', NotAction: '*', Resource: '*' }], false],
  ['no resource', [{ Effect: 'Allow', Action: '*', NotResource: '*' }], false],
  ['nothing', [], false],
])('%s is without a limit: %s', (_what, statements, expected) => {
  expect(isUnlimited(layerOf(statements))).toBe(expected)
}) // prettier-ignore
