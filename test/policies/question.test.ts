import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../policies/catalogue.ts'
import type { Context } from '../../policies/engine/decide.ts'
import { contextFaults, type ContextFault } from '../../policies/engine/declared.ts'
import { malformedPart } from '../../policies/engine/question.ts'
import { BOUNDS, VALUE_WORDS, type Statement } from '../../policies/language.ts'
import { layerOf } from './order-layers.ts'
import { CATALOGUE, ORDERS } from './samples.ts'

/* What of a question has not its form, and what of its circumstances is not as it is declared. */

const DENY: Statement = {
  Effect: 'Deny',
  Action: 'orders:Read',
  Resource: '*',
  Condition: { NumericGreaterThan: { 'resource.weight': 5 } },
}
const LAYERS = [layerOf([DENY])]
const faultsOf = (said: Context, action = 'orders:Read'): string[] =>
  contextFaults(CATALOGUE, { action, said, layers: LAYERS }).map(({ key, fault, wanted }: ContextFault) =>
    `${fault} ${key} ${wanted === undefined ? '' : VALUE_WORDS[wanted]}`.trim(),
  )
const NUMBER = 'a number of at most 15 digits and 6 decimals'

describe('a question', () => {
  test.each<[string, Context, readonly string[]]>([
    ['with all that is always there', { 'orders.total': 5 }, []],
    ['with more that is declared', { 'orders.total': '5.5', 'orders.tags': ['a'], 'request.mfa': true }, []],
    ['with nothing', {}, ['missing orders.total']],
    ['with another type', { 'orders.total': '5,000' }, [`mistyped orders.total ${NUMBER}`]],
    ['with a text for a set', { 'orders.total': 5, 'orders.tags': 'a' }, ['mistyped orders.tags a list of strings']],
    ['with a built-in key of another type', { 'orders.total': 5, 'request.mfa': 'yes' }, ['mistyped request.mfa true or false']],
    ['with what nobody declares', { 'orders.total': 5, 'orders.colour': 'red' }, ['undeclared orders.colour']],
    ['about a resource as it is compared', { 'orders.total': 5, 'resource.weight': '7', 'resource.name': 'a' }, []],
    ['about a resource that cannot be read', { 'orders.total': 5, 'resource.weight': '7 kg' }, [`unreadable resource.weight ${NUMBER}`]],
    ['about a resource that has a list', { 'orders.total': 5, 'resource.name': ['a'] }, ['mistyped resource.name a string, a number, true or false']],
    ['with several faults', { 'resource.weight': 'x', 'orders.colour': 1, 'orders.placed': 'soon' }, [
      `unreadable resource.weight ${NUMBER}`,
      'undeclared orders.colour',
      'mistyped orders.placed an instant such as 2026-01-31T08:00:00Z, or epoch seconds',
      'missing orders.total',
    ]],
  ] )('%s', (_what, said, expected) => {
    expect(faultsOf(said)).toEqual(expected)
    // The second time from what is kept of the action.
    expect(faultsOf(said)).toEqual(expected)
  }) // prettier-ignore

  test('about an action that asks for no key needs none, and about one that no service declares all is well', () => {
    expect(faultsOf({}, 'orders:List')).toEqual([])
    expect(faultsOf({ 'resource.weight': 'x' }, 'orders:List')).toEqual([])
    expect(faultsOf({ 'orders.total': 'x', 'other.key': 1 }, 'orders:Fly')).toEqual([])
  })

  test('is held to every key that its action always has, and to none that it has sometimes', () => {
    const catalogue = createCatalogue([
      {
        ...ORDERS,
        actions: { Read: { resources: ['order'], keys: ['orders.a', 'orders.b', 'orders.c'] } },
        context_keys: {
          'orders.a': { type: 'string', always: true },
          'orders.b': { type: 'string', always: false },
          'orders.c': { type: 'string', always: true },
          'orders.d': { type: 'string', always: true },
        },
      },
    ])
    const missing = contextFaults(catalogue, { action: 'orders:Read', said: {}, layers: [] })
    expect(missing).toEqual([
      { key: 'orders.a', fault: 'missing', wanted: undefined },
      { key: 'orders.c', fault: 'missing', wanted: undefined },
    ])
  })
})

describe('the form of a question', () => {
  const GOOD = { action: 'orders:Read', resource: 'order/a', context: {} }
  const wide = '\u{1f4a9}'.repeat(BOUNDS.valueBytes)
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_value, n) => [`k.${n}`, n]))
  const long = `order/${'a'.repeat(BOUNDS.resourceLength - 'order/'.length)}`

  test.each<[unknown]>([
    [{}],
    [{ resource: 'order/a/B._~@:+=,-9' }],
    [{ resource: long }],
    [{ context: { 'k.a': '', 'k.b': 1.5, 'k.c': false, 'k.d': ['a', ''], 'resource.owner': 'a' } }],
    [{ context: { k: 'a'.repeat(BOUNDS.valueBytes) } }],
    [{ context: { k: wide } }],
    [{ context: { k: Array.from({ length: 256 }, () => 'a') } }],
    [{ context: keys(BOUNDS.contextKeys) }],
  ])('%# has it', (other) => expect(malformedPart({ ...GOOD, ...Object(other) })).toBeUndefined())

  test.each<[string, unknown]>([
    ['/action', { action: 'orders' }],
    ['/action', { action: 'orders:Read ' }],
    ['/action', { action: ['orders:Read'] }],
    ['/resource', { resource: 'order' }],
    ['/resource', { resource: 'order/../a' }],
    ['/resource', { resource: 'order//a' }],
    ['/resource', { resource: `${long}a` }],
    ['/resource', { resource: ['order/a'] }],
    ['/context', { context: null }],
    ['/context', { context: [] }],
    ['/context', { context: 'k' }],
    ['/context', { context: keys(BOUNDS.contextKeys + 1) }],
    ['/context/principal.id', { context: { 'k.a': 1, 'principal.id': 'a' } }],
    ['/context/caller.id', { context: { 'caller.id': 'a' } }],
    ['/context/k.b', { context: { 'k.a': 1, 'k.b': null } }],
    ['/context/k', { context: { k: NaN } }],
    ['/context/k', { context: { k: {} } }],
    ['/context/k', { context: { k: ['a', 1] } }],
    ['/context/k', { context: { k: 'a'.repeat(BOUNDS.valueBytes + 1) } }],
    ['/context/k', { context: { k: `${wide}a` } }],
    ['/context/k', { context: { k: Array.from({ length: 257 }, () => 'a') } }],
  ])('%s is not as it should be: %#', (part, other) => {
    expect(malformedPart({ ...GOOD, ...Object(other) })).toBe(part)
  })
})
