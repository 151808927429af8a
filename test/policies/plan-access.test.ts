import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../policies/catalogue.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { decide, type Context, type OwnedLayer } from '../../policies/engine/decide.ts'
import { createLayer, type Layer } from '../../policies/engine/layer.ts'
import type { Service, Statement } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import type { AccessDiff, ExaminedAccount } from '../../policies/plan/types.ts'

/** `PLAN_RUNS`: how many random changes; a few by default. */
const RUNS = Number(process.env['PLAN_RUNS'] ?? 6)

/** A hundred thousand take two seconds and stay one change. */
const ACCOUNTS = 2000

const SERVICE: Service = {
  service: 'shop',
  actions: {
    Read: { resources: ['order'], keys: ['shop.total', 'shop.tag', 'shop.tags'] },
    Write: { resources: ['order', 'item'], keys: ['shop.total', 'shop.tag', 'shop.tags'] },
  },
  resource_types: { order: {}, item: {} },
  context_keys: {
    'shop.total': { type: 'number', always: true },
    'shop.tag': { type: 'string', always: false },
    'shop.tags': { type: 'set<string>', always: false },
  },
}
const CATALOGUE = createCatalogue([SERVICE])

const some = <T>(...values: T[]): fc.Arbitrary<T[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const conditions: NonNullable<Statement['Condition']>[] = [
  {},
  {},
  { NumericLessThan: { 'shop.total': 5 } },
  { NumericGreaterThanEquals: { 'shop.total': [3] }, StringLike: { 'shop.tag': ['a*', '*b'] } },
  { StringNotEquals: { 'shop.tag': ['a', 'ab'] } },
  { StringEquals: { 'shop.tag': '${principal.id}' } },
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

const layerOf = (name: string, statements: readonly Statement[]): Layer =>
  createLayer([compilePolicy({ Statement: statements }, { name, hash: JSON.stringify(statements) })])

/** What a role has in one state: the statements of its own layer, and of a boundary if it has one. */
interface Given {
  readonly own: readonly Statement[]
  readonly boundary: readonly Statement[] | null
}
const anyGiven: fc.Arbitrary<Given> = fc.record({
  own: fc.array(anyStatement, { minLength: 0, maxLength: 4 }),
  boundary: fc.option(fc.array(anyStatement, { minLength: 1, maxLength: 2 }), { freq: 3 }),
})
/** One account: by its path, its tier, and whether it has what clients have. */
interface Node {
  readonly path: string
  readonly tier: string | null
}
const NODES: readonly Node[] = [
  { path: 'a', tier: null },
  { path: 'b', tier: 'gold' },
  { path: 'a/b', tier: 'gold' },
  { path: 'a/ab', tier: null },
  { path: 'a/cd', tier: null },
  { path: 'b/a', tier: 'b' },
  { path: 'b/cc', tier: null },
  { path: 'b/ce', tier: null },
]
const idOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
const factsOf = <P extends string>(prefix: P, { path, tier }: Node) =>
  ({
    [`${prefix}.id`]: idOf(path),
    [`${prefix}.path`]: path,
    [`${prefix}.role`]: path.includes('/') ? 'client' : 'admin',
    ...(tier === null ? {} : { [`${prefix}.attributes.tier`]: tier }),
  }) as Record<`${P}.${string}`, string>

interface State {
  readonly admin: { own: Layer; boundary: Layer | null }
  readonly client: { own: Layer; boundary: Layer | null }
}
const stateOf = (admin: Given, client: Given): State => {
  const made = ({ own, boundary }: Given, role: string) => ({
    own: layerOf(role, own),
    boundary: boundary && layerOf(`${role}-boundary`, boundary),
  })
  return { admin: made(admin, 'admin'), client: made(client, 'client') }
}

const layersOf = (state: State, node: Node): OwnedLayer[] => {
  const above = NODES.filter(({ path }) => node.path.startsWith(`${path}/`))
  return [node, ...above].flatMap((each): OwnedLayer[] => {
    const principal = factsOf('principal', each)
    const { own, boundary } = state[each.path.includes('/') ? 'client' : 'admin']
    return [
      { kind: 'own', principal, layer: own },
      ...(boundary === null ? [] : [{ kind: 'boundary' as const, principal, layer: boundary }]),
    ]
  })
}
const NOW: Context = { 'request.time': 1_800_000_000, 'request.mfa': false }
const accountOf = (before: State, after: State, node: Node): ExaminedAccount => ({
  id: node.path,
  principal: factsOf('principal', node),
  context: { ...factsOf('caller', node), ...NOW },
  before: layersOf(before, node),
  after: layersOf(after, node),
  catalogues: { before: CATALOGUE, after: CATALOGUE },
})

const segments = ['a', 'b', 'ab', 'cd', 'none', 'gold']
const RESOURCES = ['order', 'item'].flatMap((type) => [
  ...segments.map((one) => `${type}/${one}`),
  ...segments.flatMap((one) => ['a', 'b', 'ab', 'z'].map((other) => `${type}/${one}/${other}`)),
  `${type}/a/b/b`,
  `${type}/a/cd/a`,
  `${type}/b/ce/z`,
])
const CONTEXTS: Context[] = [2, 3, 5].flatMap((total) =>
  [undefined, 'a', 'b', 'ab', 'z', 'cd'].flatMap((tag) =>
    [undefined, '10.0.0.1', '10.1.0.1', '192.0.2.7'].flatMap((ip) =>
      [undefined, ['x'], ['x', 'z'], ['z']].map((tags) => ({
        'shop.total': total,
        ...(tag === undefined ? {} : { 'shop.tag': tag }),
        ...(tags === undefined ? {} : { 'shop.tags': tags }),
        ...(ip === undefined ? {} : { 'request.ip': ip }),
      })),
    ),
  ),
)

/** Every question of a small world, decided in both states: `gain shop:Read` and the like. */
const bruteForce = ({ before, after, context }: ExaminedAccount): Set<string> => {
  const found = new Set<string>()
  for (const action of ['shop:Read', 'shop:Write'])
    for (const resource of RESOURCES) {
      const type = resource.slice(0, resource.indexOf('/'))
      if (!CATALOGUE.actions.get(action)?.resources.includes(type)) continue
      for (const said of CONTEXTS) {
        if (found.has(`gain ${action}`) && found.has(`lose ${action}`)) break
        const request = { action, resource, context: { ...context, ...said } }
        const [was, is] = [before, after].map((layers) => decide(layers, request).verdict === 'ALLOW')
        if (was !== is) found.add(`${is ? 'gain' : 'lose'} ${action}`)
      }
    }
  return found
}

const compare = (accounts: readonly ExaminedAccount[]): AccessDiff => {
  const comparison = createAccessComparison()
  for (const account of accounts) comparison.add(account)
  return comparison.result()
}

const keyOf = ({ verb, action, resource, cause }: AccessDiff['changes'][number]): string =>
  JSON.stringify([verb, action, resource, cause])

describe('the access diff', () => {
  test(
    'is brute force over the accounts, and every witness reproduces',
    () => {
      fc.assert(
        fc.property(anyGiven, anyGiven, anyGiven, anyGiven, (a, b, c, d) => {
          const [before, after] = [stateOf(a, b), stateOf(c, fc.stringify(a) === fc.stringify(c) ? b : d)]
          const accounts = NODES.map((node) => accountOf(before, after, node))
          for (const account of accounts) {
            const { changes } = compare([account])
            const said = new Set(changes.map(({ verb, action }) => `${verb} ${action}`))
            // Everything that the small world shows is there.
            expect([...bruteForce(account)].filter((each) => !said.has(each))).toEqual([])
            // And what else is there is true.
            for (const { witness, verb } of changes) {
              const request = { ...witness, context: { ...account.context, ...witness.context } }
              const verdicts = [account.before, account.after].map(
                (layers) => decide(layers, request).verdict,
              )
              expect(verdicts).toEqual([witness.before, witness.after])
              expect(verdicts.map((each) => each === 'ALLOW')).toEqual([verb === 'lose', verb === 'gain'])
              expect(witness.context['shop.total']).toBeDefined()
            }
          }
        }),
        { numRuns: RUNS },
      )
    },
    60_000 + RUNS * 1000,
  )

  test(
    'accounts that are asked together are told as if each were asked alone',
    () => {
      fc.assert(
        fc.property(anyGiven, anyGiven, anyGiven, anyGiven, (a, b, c, d) => {
          const [before, after] = [stateOf(a, b), stateOf(c, d)]
          const accounts = NODES.map((node) => accountOf(before, after, node))
          const alone = accounts.map((account) => compare([account]))
          const together = compare(accounts)
          const count = (key: string): number =>
            alone.filter(({ changes }) => changes.some((each) => keyOf(each) === key)).length
          for (const change of together.changes)
            expect([keyOf(change), change.accounts]).toEqual([keyOf(change), count(keyOf(change))])
          const sum = (pick: (diff: AccessDiff) => number): number =>
            alone.reduce((total, each) => total + pick(each), 0)
          expect(together.gained.accounts).toBe(sum(({ gained }) => gained.accounts))
          expect(together.lost.accounts).toBe(sum(({ lost }) => lost.accounts))
          expect(together.shut.accounts).toBe(sum(({ shut }) => shut.accounts))
          expect(together.examined).toBe(NODES.length)
        }),
        { numRuns: RUNS },
      )
    },
    60_000 + RUNS * 1000,
  )

  test('accounts of one role are one change, whatever their number, and a boundary that goes is told', () => {
    const shop: Statement[] = [
      { Sid: 'Own', Effect: 'Allow', Action: 'shop:*', Resource: 'order/${principal.path}/*' },
      { Sid: 'Closed', Effect: 'Deny', Action: 'shop:Write', Resource: 'order/*/closed/*' },
    ]
    const bound: Statement[] = [{ Effect: 'Allow', Action: 'shop:Read', Resource: '*' }]
    const everything: Given = { own: [{ Effect: 'Allow', Action: '*', Resource: '*' }], boundary: null }
    const before = stateOf(everything, { own: shop, boundary: bound })
    const after = stateOf(everything, { own: shop, boundary: null })
    const comparison = createAccessComparison()
    for (let n = 0; n < ACCOUNTS; n++) {
      const node = { path: `a/c${n}`, tier: null }
      comparison.add(accountOf(before, after, node))
    }
    const { gained, lost, changes, shut, examined } = comparison.result()
    expect({ gained, lost, examined, shut: shut.accounts }).toEqual({
      gained: { rights: 1, accounts: ACCOUNTS },
      lost: { rights: 0, accounts: 0 },
      examined: ACCOUNTS,
      shut: 0,
    })
    expect(changes).toMatchObject([
      {
        verb: 'gain',
        action: 'shop:Write',
        resource: 'order/${principal.path}/*',
        cause: null,
        accounts: ACCOUNTS,
        sample: ['a/c0', 'a/c1', 'a/c10', 'a/c100', 'a/c1000'],
      },
    ])
  })

  test('an action that is declared anew is gained by those whose policies are wide enough', () => {
    const state = stateOf(
      { own: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }], boundary: null },
      { own: [], boundary: null },
    )
    const account = accountOf(state, state, { path: 'a', tier: null })
    const wider = createCatalogue([
      { ...SERVICE, actions: { ...SERVICE.actions, Erase: { resources: ['order'] } } },
    ])
    const { changes } = compare([{ ...account, catalogues: { before: CATALOGUE, after: wider } }])
    expect(changes).toMatchObject([
      { verb: 'gain', action: 'shop:Erase', cause: { policy: 'admin', sid: 'All' } },
    ])
  })

  test('an account that loses everything is told apart', () => {
    const before = stateOf(
      { own: [{ Effect: 'Allow', Action: 'shop:*', Resource: 'order/*' }], boundary: null },
      { own: [], boundary: null },
    )
    const after = stateOf(
      {
        own: [
          { Effect: 'Deny', Action: 'shop:*', Resource: '*' },
          { Effect: 'Allow', Action: 'shop:*', Resource: 'order/*' },
        ],
        boundary: null,
      },
      { own: [], boundary: null },
    )
    const { shut, lost } = compare([accountOf(before, after, { path: 'a', tier: null })])
    expect({ shut, lost }).toEqual({ shut: { accounts: 1, sample: ['a'] }, lost: { rights: 2, accounts: 1 } })
  })
})
