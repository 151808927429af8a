import fc from 'fast-check'
import { createCatalogue } from '../../policies/catalogue.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import type { Context, OwnedLayer } from '../../policies/engine/decide.ts'
import { createLayer, type Layer } from '../../policies/engine/layer.ts'
import type { Service, Statement } from '../../policies/language.ts'
import type { ExaminedAccount } from '../../policies/plan/types.ts'

export const SERVICE: Service = {
  service: 'shop',
  actions: {
    Read: { resources: ['order'], keys: ['shop.total', 'shop.tag', 'shop.owner', 'shop.tags'] },
    Write: { resources: ['order', 'item'], keys: ['shop.total', 'shop.tag', 'shop.owner', 'shop.tags'] },
  },
  resource_types: { order: {}, item: {} },
  context_keys: {
    'shop.total': { type: 'number', always: true },
    'shop.tag': { type: 'string', always: false },
    'shop.owner': { type: 'string', always: false },
    'shop.tags': { type: 'set<string>', always: false },
  },
}
export const CATALOGUE = createCatalogue([SERVICE])

const some = <T>(...values: T[]): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const conditions: NonNullable<Statement['Condition']>[] = [
  {},
  {},
  { NumericLessThan: { 'shop.total': 5 } },
  { NumericGreaterThanEquals: { 'shop.total': [3] }, StringLike: { 'shop.tag': ['a*', '*b'] } },
  { StringNotEquals: { 'shop.tag': ['a', 'ab'] } },
  { StringEquals: { 'shop.tag': '${principal.id}' } },
  { StringEquals: { 'shop.tag': '${shop.owner}' } },
  { StringEquals: { 'shop.owner': '${principal.id}' } },
  { StringNotEquals: { 'shop.owner': ['${shop.tag}', 'b'] } },
  { StringEquals: { 'principal.attributes.tier': '${shop.tag}' } },
  { StringEquals: { 'principal.attributes.tier': ['gold'] } },
  { StringLike: { 'caller.path': 'a/*' } },
  { IpAddress: { 'request.ip': ['10.0.0.0/8'] }, NotIpAddress: { 'request.ip': ['10.1.0.0/16'] } },
  { 'ForAnyValue:StringEquals': { 'shop.tags': ['x', 'y'] } },
  { 'ForAllValues:StringLike': { 'shop.tags': ['x*'] } },
  { Null: { 'shop.tag': 'true' } },
  { Bool: { 'request.mfa': true } },
]
const anyStatement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Deny'),
    actions: some('shop:Read', 'shop:Write', 'shop:*', '*', 'shop:R*'),
    notAction: fc.constantFrom(false, false, false, true),
    resources: some(
      '*',
      'order/*',
      'order/a/*',
      'order/*/b',
      'order/?b*',
      'item/ab',
      '*/${principal.id}',
      'order/${principal.path}/*',
      'order/${caller.path}/a',
      "order/${principal.attributes.tier, 'none'}/*",
      "order/${shop.tag, 'a'}",
      'order/${principal.id}/${shop.owner}',
    ),
    notResource: fc.constantFrom(false, false, false, true),
    Condition: fc.constantFrom(...conditions),
  })
  .map(({ Effect, actions, notAction, resources, notResource, Condition }) => ({
    Effect,
    [notAction ? 'NotAction' : 'Action']: actions,
    [notResource ? 'NotResource' : 'Resource']: resources,
    Condition,
  }))

export const layerOf = (name: string, statements: readonly Statement[]): Layer =>
  createLayer([compilePolicy({ Statement: statements }, { name, hash: JSON.stringify(statements) })])

/** What a role has in one state: the statements of its own layer, and of a boundary if it has one. */
export interface Given {
  readonly own: readonly Statement[]
  readonly boundary: readonly Statement[] | null
}
export const anyGiven: fc.Arbitrary<Given> = fc.record({
  own: fc.array(anyStatement, { minLength: 0, maxLength: 4 }),
  boundary: fc.option(fc.array(anyStatement, { minLength: 1, maxLength: 2 }), { freq: 3 }),
})
/** One account: by its path, its tier, and whether it has what clients have. */
export interface Node {
  readonly path: string
  readonly tier: string | null
}
const FEW: readonly Node[] = [
  { path: 'a', tier: null },
  { path: 'b', tier: 'gold' },
  { path: 'a/b', tier: 'gold' },
  { path: 'a/ab', tier: null },
  { path: 'a/cd', tier: null },
  { path: 'b/a', tier: 'b' },
  { path: 'b/cc', tier: null },
  { path: 'b/ce', tier: null },
]
const TIERS = [null, 'gold', 'b', 'none', null, 'a', 'cc']
/** Another account: its id is of the letters that patterns and conditions name. */
const nodeOf = (n: number): Node => {
  const id = n.toString(5).replaceAll(/./g, (digit) => 'abcde'[Number(digit)] ?? '')
  const above = ['', 'a/', 'b/', `a${n % 7}/`][n % 4] ?? ''
  return { path: `${above}${id}`, tier: TIERS[n % TIERS.length] ?? null }
}
/** `PLAN_ACCOUNTS`: so many, at least those. */
const asked = Number(process.env['PLAN_ACCOUNTS'] ?? FEW.length)
export const NODES: readonly Node[] = [
  ...FEW,
  ...Array.from({ length: Math.max(0, asked - FEW.length) }, (_none, n) => nodeOf(n + 125)),
]
const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
export const factsOf = <P extends string>(prefix: P, { path, tier }: Node) =>
  ({
    [`${prefix}.id`]: idOf(path),
    [`${prefix}.path`]: path,
    [`${prefix}.role`]: path.includes('/') ? 'client' : 'admin',
    ...(tier === null ? {} : { [`${prefix}.attributes.tier`]: tier }),
  }) as Record<`${P}.${string}`, string>

/** What a role has, ready to be asked, and what is written of it. */
interface Made {
  readonly own: Layer
  readonly boundary: Layer | null
  readonly given: Given
}
export interface State {
  readonly admin: Made
  readonly client: Made
}
export const stateOf = (admin: Given, client: Given): State => {
  const made = (given: Given, role: string): Made => ({
    own: layerOf(role, given.own),
    boundary: given.boundary && layerOf(`${role}-boundary`, given.boundary),
    given,
  })
  return { admin: made(admin, 'admin'), client: made(client, 'client') }
}

/** The account itself and those above it. */
export const lineOf = (node: Node): readonly Node[] => [
  node,
  ...NODES.filter(({ path }) => node.path.startsWith(`${path}/`)),
]
export const roleOf = ({ path }: Node): keyof State => (path.includes('/') ? 'client' : 'admin')

export const layersOf = (state: State, node: Node): OwnedLayer[] =>
  lineOf(node).flatMap((each): OwnedLayer[] => {
    const principal = factsOf('principal', each)
    const { own, boundary } = state[roleOf(each)]
    return [
      { kind: 'own', principal, layer: own },
      ...(boundary === null ? [] : [{ kind: 'boundary' as const, principal, layer: boundary }]),
    ]
  })
const NOW: Context = { 'request.time': 1_800_000_000, 'request.mfa': false }
/** What every request of an account says by itself. */
export const contextOf = (node: Node): Context => ({ ...factsOf('caller', node), ...NOW })
export const accountOf = (before: State, after: State, node: Node): ExaminedAccount => ({
  id: node.path,
  principal: factsOf('principal', node),
  context: contextOf(node),
  before: layersOf(before, node),
  after: layersOf(after, node),
  catalogues: { before: CATALOGUE, after: CATALOGUE },
})
