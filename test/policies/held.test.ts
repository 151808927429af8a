import { describe, expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy } from '../../policies/engine/compile.ts'
import { decide, type OwnedLayer } from '../../policies/engine/decide.ts'
import { accountFacts, principalFacts, type Subject } from '../../policies/engine/facts.ts'
import { heldBy, HeldLayers, namespacesAbove, ownedBy, type Attached } from '../../policies/engine/held.ts'
import { BOUNDS } from '../../policies/language.ts'

/* What an account holds by what is attached above it, and the layers that are made of it. */

const ACCOUNT: Subject = {
  id: 'c',
  role: 'sub-client',
  path: 'a/b/c',
  attributes: { tier: 'gold', limit: 5, active: true },
}
const ask = (layers: readonly OwnedLayer[], resource = 'order/a') =>
  decide(layers, { action: 's:A', resource, context: {} })
const verdictOf = (layers: readonly OwnedLayer[]): string => ask(layers).verdict

/** A policy that allows these many resources, the first of them `order/a`. */
const policyOf = (name: string, patterns = 1): CompiledPolicy => {
  const Resource = Array.from({ length: patterns }, (_value, n) => (n === 0 ? 'order/a' : `order/${n}`))
  return compilePolicy({ Statement: [{ Effect: 'Allow', Action: '*', Resource }] }, { name, hash: name })
}
/** `n` of them have the size that is asked for in front of a dash: `500-x`. */
const layers = new HeldLayers((name) =>
  name.startsWith('gone') ? undefined : policyOf(name, Number(/^\d+(?=-)/.exec(name)?.[0] ?? 1)),
)
const several = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_value, n) => `${name}${n}`)

test('an account is told of as the owner of a layer, and as who asks', () => {
  expect(principalFacts(ACCOUNT)).toEqual({
    'principal.id': 'c',
    'principal.role': 'sub-client',
    'principal.path': 'a/b/c',
    'principal.attributes.tier': 'gold',
    'principal.attributes.limit': 5,
    'principal.attributes.active': true,
  })
  expect(accountFacts('caller', { ...ACCOUNT, attributes: {} })).toEqual({
    'caller.id': 'c',
    'caller.role': 'sub-client',
    'caller.path': 'a/b/c',
  })
})

test('it holds what is attached in the namespaces above it, top first, and then its own, each once', () => {
  expect(namespacesAbove({ path: 'a' })).toEqual(['root'])
  expect(namespacesAbove(ACCOUNT)).toEqual(['root', 'a', 'b'])
  const attached: Record<string, Attached[]> = {
    root: [
      { policies: ['root/p', 'root/q'], boundary: 'root/edge' },
      { policies: ['root/p'], boundary: null },
    ],
    b: [{ policies: ['b/p'], boundary: 'b/edge' }],
    c: [{ policies: ['c/p'], boundary: 'c/edge' }],
  }
  const own = { path: ACCOUNT.path, policies: ['root/q', 'b/own'], boundary: 'root/edge' }
  expect(heldBy(own, (namespace) => attached[namespace] ?? [])).toEqual({
    policies: ['root/p', 'root/q', 'b/p', 'b/own'],
    boundaries: ['root/edge', 'b/edge'],
  })
  expect(heldBy({ ...own, boundary: null }, () => [])).toEqual({
    policies: ['root/q', 'b/own'],
    boundaries: [],
  })
})

describe('the layers of what is held', () => {
  test('are one of its policies, one of each boundary, and one of a narrowed token, all its own', () => {
    const found = layers.of(ACCOUNT, { policies: ['p', 'q'], boundaries: ['e', 'f'] })
    expect(found.map(({ kind, layer }) => [kind, ...layer.policies.map(({ name }) => name)])).toEqual([
      ['own', 'p', 'q'],
      ['boundary', 'e'],
      ['boundary', 'f'],
    ])
    const session = layers.session(ACCOUNT, ['q'])
    expect([session.kind, session.layer.policies.map(({ name }) => name)]).toEqual(['session', ['q']])
    for (const { principal } of [...found, session]) expect(principal).toEqual(principalFacts(ACCOUNT))
    expect(verdictOf([...found, session])).toBe('ALLOW')
    expect(verdictOf([layers.session(ACCOUNT, [])])).toBe('DENY_IMPLICIT')
  })

  test('name nobody until they are of an owner, who takes none from another', () => {
    const held = layers.layersOf({ policies: ['p'], boundaries: ['e'] })
    expect(held.map(({ kind, principal }) => [kind, principal])).toEqual([
      ['own', undefined],
      ['boundary', undefined],
    ])
    const [first, other] = [{ 'principal.id': 'a' }, { 'principal.id': 'b' }] as const
    const owned = ownedBy(first, held)
    expect(ownedBy(other, owned)).toEqual(owned)
    expect(owned.map(({ principal }) => principal)).toEqual([first, first])
  })

  test('are made once for all who hold the same, in whatever order', () => {
    const layer = layers.layerOf(['p', 'q'])
    expect(layers.layerOf(['q', 'p', 'q'])).toBe(layer)
    expect(layers.layerOf(['p'])).not.toBe(layer)
    expect(layer.policies.map(({ name }) => name)).toEqual(['p', 'q'])
  })

  test('of a policy that is not there are shut, and say by which', () => {
    for (const shut of [
      layers.of(ACCOUNT, { policies: ['p', 'gone/x'], boundaries: [] }),
      layers.of(ACCOUNT, { policies: ['p'], boundaries: ['gone/x'] }),
      [layers.session(ACCOUNT, ['gone/x'])],
    ]) {
      const { verdict, statement } = ask(shut, 'any/thing')
      expect([verdict, statement?.policy.name, statement?.sid]).toEqual([
        'DENY_EXPLICIT',
        'gone/x',
        'NotThere',
      ])
    }
  })

  const {
    selectedPoliciesPerPrincipal: most,
    boundariesPerPrincipal: edges,
    comparisonsPerPrincipal,
  } = BOUNDS
  const half = comparisonsPerPrincipal / 2
  const FULL: readonly (readonly [what: string, held: string[], boundaries: string[], isTooMuch: boolean])[] = [
    ['as many policies as may be', several(most, 'p'), [], false],
    ['one more', several(most + 1, 'p'), [], true],
    ['as many boundaries as may be', ['p'], several(edges, 'e'), false],
    ['one boundary more', ['p'], several(edges + 1, 'e'), true],
    ['as much to compare as may be', [`${half}-p`], [`${half}-e`], false],
    ['one pattern more', [`${half}-p`], [`${half + 1}-e`], true],
    ['names that are not there', [`${half}-p`, 'gone/x'], [`${half}-e`], false],
  ] // prettier-ignore

  test.each(FULL)('of %s: whether they are shut', (_what, policies, boundaries, isTooMuch) => {
    expect(layers.isTooMuch({ policies, boundaries })).toBe(isTooMuch)
    const found = layers.of(ACCOUNT, { policies, boundaries })
    expect(found).toHaveLength(isTooMuch ? 1 : 1 + boundaries.length)
    expect(ask(found).statement?.sid === 'TooManyPolicies').toBe(isTooMuch)
    if (!isTooMuch) return
    expect(found[0]?.principal).toEqual(principalFacts(ACCOUNT))
    expect(ask(found).statement?.policy.name).toBe('limits')
    expect(verdictOf(found)).toBe('DENY_EXPLICIT')
  })

  test('of a token narrowed to more than may be asked are shut', () => {
    expect(verdictOf([layers.session(ACCOUNT, several(most, 'p'))])).toBe('ALLOW')
    expect(verdictOf([layers.session(ACCOUNT, several(most + 1, 'p'))])).toBe('DENY_EXPLICIT')
  })
})
