import { describe, expect, test } from 'vitest'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { compilePolicy, type CompiledPolicy } from '../../policies/engine/compile.ts'
import type { OwnedLayer, PrincipalFacts } from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { Statement } from '../../policies/language.ts'
import { allow, CALLER, deny, GIVER, layerOf, OWNER, when } from './proof-words.ts'

/* What a change leaves as it is, and what it gives by that. */

const read = [allow('s:Read', 'r/*')]

const policy = (name: string, ...Statement: Statement[]): CompiledPolicy =>
  compilePolicy({ Statement }, { name, hash: JSON.stringify(Statement) })
const own = (principal: PrincipalFacts, ...policies: CompiledPolicy[]): OwnedLayer => ({
  kind: 'own',
  principal,
  layer: createLayer(policies),
})

describe('a change', () => {
  test('a policy that stays is not given again; one that is held back no more is', () => {
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
    expect(isGiven([own(OWNER, reading)], [own(OWNER, reading, writing)])).toBe(true)
    expect(isGiven([own(OWNER, writing, never)], [own(OWNER, writing, reading)])).toBe(true)
    expect(isGiven([own(OWNER, writing, never)], [own(OWNER, writing, reading, never)])).toBe(false)
    const both = policy('b', allow('s:Read', 'r/x'), deny('s:Write', 'r/a'))
    expect(isGiven([own(OWNER, writing, both)], [own(OWNER, writing, reading)])).toBe(true)
    // What bounded it goes as well.
    const bound = layerOf(read, OWNER, 'boundary')
    expect(isGiven([own(OWNER, writing), bound], [own(OWNER, writing, reading)])).toBe(true)
    expect(isGiven([own(OWNER, writing), bound], [own(OWNER, writing, reading), bound])).toBe(false)
    // For another account it is another policy.
    const mine = policy('m', allow('s:Write', 'r/${principal.attributes.n}/${caller.attributes.n}'))
    expect(isGiven([own({ ...OWNER, 'principal.attributes.n': 1 }, mine)], [own(OWNER, mine)])).toBe(true)
    expect(isGiven([own(OWNER, mine)], [own(OWNER, mine, reading)])).toBe(false)
    const byAttribute = { ...CALLER, 'caller.attributes.n': 1 }
    expect(isGiven([own(OWNER, mine)], [own(OWNER, mine, reading)], byAttribute)).toBe(true)
  })

  test('policies that stay are not compared with one another, whatever they deny', () => {
    const MANY = 40
    const stay = Array.from({ length: MANY }, (_none, n) => allow(`s:W${n}`, `r/${n}/*`))
    const staying = [...stay, deny('s:W1', 'r/1/a')].map((each, n) => policy(`w${n}`, each))
    let spent = 0
    const found = findUnprovenRight(
      {
        caller: CALLER,
        before: [own(OWNER, ...staying)],
        after: [own(OWNER, ...staying, policy('r', ...read))],
        granter: [layerOf(read, GIVER)],
      },
      (comparisons) => (spent += comparisons),
    )
    expect(found).toBeUndefined()
    expect(spent).toBeLessThan(MANY * 8)
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
  })

  test.each<[string, Statement[]]>([
    ['a condition', [when({ StringEquals: { 'caller.attributes.t': 'gold' } })]],
    ['one of two conditions', [when({ StringEquals: { 'resource.e': 'a', 'caller.attributes.t': 'gold' } })]],
    ['the value of a condition', [when({ StringEquals: { 'resource.e': '${caller.attributes.t}' } })]],
    ['one of two resources', [allow('s:A', ['r/x', 'r/${caller.attributes.t}'])]],
    [
      'one of two statements',
      [allow('s:B', 'r/b'), when({ StringEquals: { 'caller.attributes.t': 'gold' } })],
    ],
  ])('a changed attribute of the caller is read anew: %s', (_where, statements) => {
    const layer = layerOf(statements, OWNER)
    const change = (was: string, is: string) =>
      findUnprovenRight({
        caller: { ...CALLER, 'caller.attributes.t': is },
        callerBefore: { ...CALLER, 'caller.attributes.t': was },
        before: [layer],
        after: [layer],
        granter: [layerOf([allow('x:None', 'x/x')], GIVER)],
      })
    expect(change('silver', 'gold')).toBeDefined()
    expect(change('gold', 'gold')).toBeUndefined()
  })
})
