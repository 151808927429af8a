import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import {
  decide,
  type AccessRequest,
  type Context,
  type OwnedLayer,
  type PrincipalFacts,
} from '../../policies/engine/decide.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import type { Statement } from '../../policies/language.ts'
import { findUnprovenRight } from '../../policies/ceiling/within.ts'
import { REALISTIC_GRANTS } from './realistic-grants.ts'
import { anyLayer, anyRequest, prepareLayers, type LayerSource } from './arbitraries.ts'

const RUNS = Number(process.env['POLICY_RUNS'] ?? 5000)

const allow = (Action: string, Resource: string, Condition?: Statement['Condition']): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
})
const deny = (Action: string, Resource: string): Statement => ({ Effect: 'Deny', Action, Resource })
const has = (owner: string, ...statements: Statement[]): LayerSource => ({ owner, statements })

const CALLER = { 'caller.id': 'u', 'caller.team': 'a' }

const isProven = (
  [before, after, granter]: readonly (readonly LayerSource[])[],
  caller: Context = CALLER,
): boolean => {
  const [was, is, gives] = [before, after, granter].map((sources = []): OwnedLayer[] =>
    prepareLayers(sources),
  )
  return findUnprovenRight({ caller, before: was ?? [], after: is ?? [], granter: gives ?? [] }) === undefined
}

describe('what can be shown to be within the rights of the giver', () => {
  const under = { Bool: { 'request.mfa': true } }
  test.each<[string, Statement[], Statement[]]>([
    ['the same words', [allow('orders:Read', 'order/a/*')], [allow('orders:Read', 'order/a/*')]],
    ['wider words', [allow('orders:Read', 'order/a/*', under)], [allow('orders:*', 'order/*')]],
    ['the same condition', [allow('orders:Read', 'order/a', under)], [allow('*', '*', under)]],
    [
      'its own name where the giver has any',
      [allow('orders:Read', 'order/${caller.id}/*')],
      [allow('*', 'order/u/*')],
    ],
    ['a default', [allow('orders:Read', "order/${caller.region, 'eu'}")], [allow('*', 'order/eu')]],
    [
      'a Deny about something else',
      [allow('orders:Read', 'order/a/*')],
      [allow('*', '*'), deny('*', 'order/b/*')],
    ],
    ['nothing at all', [deny('*', '*')], []],
  ])('%s', (_what, given, own) => {
    expect(isProven([[], [has('u', ...given)], [has('g', ...own)]])).toBe(true)
  })

  test.each<[string, Statement[], Statement[]]>([
    ['another action', [allow('orders:*', 'order/a')], [allow('orders:Read', 'order/a')]],
    ['a wider resource', [allow('orders:Read', 'order/*')], [allow('orders:Read', 'order/a/*')]],
    [
      'a complement',
      [{ Effect: 'Allow', Action: 'orders:Read', NotResource: 'order/a' }],
      [allow('orders:Read', 'order/*')],
    ],
    ['no condition where the giver has one', [allow('orders:Read', 'order/a')], [allow('*', '*', under)]],
    [
      'a Deny in the way',
      [allow('orders:Read', 'order/*')],
      [allow('*', '*'), deny('orders:Read', 'order/b/*')],
    ],
    [
      'what the giver has by its own name',
      [allow('orders:Read', 'order/u/1')],
      [allow('*', 'order/${principal.id}/*')],
    ],
    ['a right of no layer', [allow('orders:Read', 'order/a')], []],
  ])('not so: %s', (_what, given, own) => {
    expect(isProven([[], [has('u', ...given)], [has('g', ...own)]])).toBe(false)
  })

  test('a right that hides behind many conditions is not passed over', () => {
    const keys = Array.from({ length: 12 }, (_v, n) => [`request.k${n}`, ['x', 'y', 'z']])
    const hidden = allow('orders:Write', 'order/*', { StringEquals: Object.fromEntries(keys) as never })
    expect(isProven([[], [has('u', hidden)], [has('g', allow('orders:Read', 'order/*'))]])).toBe(false)
  })

  test('what it has already needs no proof, unless something that held it back goes', () => {
    const own = allow('orders:*', 'order/*')
    const nothing = has('g', allow('places:Get', 'place/a'))
    expect(isProven([[has('u', own)], [has('u', own)], [nothing]])).toBe(true)
    expect(isProven([[has('u', own, deny('orders:Write', '*'))], [has('u', own)], [nothing]])).toBe(false)
  })

  test('of twenty-one realistic grants that are within, every one is shown to be', () => {
    const giver = { 'principal.id': 'adm_a', 'principal.role': 'admin', 'principal.path': 'adm_a' }
    const client = {
      id: 'cli_c',
      role: 'client',
      path: 'adm_a/cli_c',
      'attributes.team': 'blue',
      'attributes.tier': 'gold',
    }
    const facts = (prefix: string): Context =>
      Object.fromEntries(Object.entries(client).map(([name, value]) => [`${prefix}.${name}`, value]))
    const layerOf = (Statement: readonly Statement[], principal: PrincipalFacts): OwnedLayer => ({
      kind: 'own',
      principal,
      layer: createLayer([compilePolicy({ Statement }, { name: 'p', hash: JSON.stringify(Statement) })]),
    })
    const refused = REALISTIC_GRANTS.filter(({ given, has: own }) => {
      const after = [layerOf(given, facts('principal'))]
      return findUnprovenRight({
        caller: facts('caller'),
        before: [],
        after,
        granter: [layerOf(own, giver)],
      })
    })
    expect(REALISTIC_GRANTS).toHaveLength(21)
    expect(refused.map(({ what }) => what)).toEqual([])
  })

  /* No sampled request contradicts a PASS. */
  test('whatever it passes gives nothing that the giver lacks', () => {
    const some = fc.array(anyLayer, { minLength: 1, maxLength: 2 })
    let passed = 0
    fc.assert(
      fc.property(some, some, some, fc.array(anyRequest, { minLength: 8, maxLength: 8 }), (...drawn) => {
        const [before, after, granter, requests] = drawn
        // Givers that are like what they give, so that much can be shown.
        const like = granter.map(({ owner, statements }) => ({
          owner,
          statements: [...statements.slice(0, 2), ...after.flatMap((layer) => layer.statements)],
        }))
        const [was, is, gives] = [before, after, like].map((sources) =>
          prepareLayers(sources).map((layer, n): OwnedLayer => ({
            ...layer,
            kind: n === 0 ? 'own' : 'boundary',
          })),
        )
        const grant = { caller: CALLER, before: was ?? [], after: is ?? [], granter: gives ?? [] }
        if (findUnprovenRight(grant) !== undefined) return
        passed += 1
        const allows = (layers: OwnedLayer[] | undefined, request: AccessRequest): boolean =>
          decide(layers ?? [], request).verdict === 'ALLOW'
        for (const drawnRequest of requests) {
          const request = { ...drawnRequest, context: { ...drawnRequest.context, ...CALLER } }
          if (allows(is, request) && !allows(was, request)) expect(allows(gives, request)).toBe(true)
        }
      }),
      { numRuns: RUNS },
    )
    expect(passed).toBeGreaterThan(RUNS / 50)
  })
})
