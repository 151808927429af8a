import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../policies/catalogue.ts'
import { decide } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import type { AccessDiff, ExaminedAccount } from '../../policies/plan/types.ts'
import { bruteForce, wordsOf } from './brute-force.ts'
import { planRuns } from './plan-runs.ts'
import {
  accountOf,
  anyGiven,
  CATALOGUE,
  contextOf,
  layersOf,
  NODES,
  SERVICE,
  stateOf,
  type Given,
  type Node,
  type State,
} from './plan-world.ts'
import { decideByReference } from './reference.ts'

const { runs, seed, tell } = planRuns('access diffs', 3, 20)

/** A hundred thousand take two seconds and stay one change. */
const ACCOUNTS = 2000

const compare = (accounts: readonly ExaminedAccount[]): AccessDiff => {
  const comparison = createAccessComparison()
  for (const account of accounts) comparison.add(account)
  return comparison.result()
}

const keyOf = ({ verb, action, resource, cause }: AccessDiff['changes'][number]): string =>
  JSON.stringify([verb, action, resource, cause])

/** The request of a change is answered as it says, before and after, by the engine and by what words say. */
const expectReproduced = (
  { witness, verb }: AccessDiff['changes'][number],
  [before, after]: readonly [State, State],
  node: Node,
): void => {
  const request = { ...witness, context: { ...contextOf(node), ...witness.context } }
  const verdicts = [before, after].map((state) => decide(layersOf(state, node), request).verdict)
  expect(verdicts).toEqual([witness.before, witness.after])
  expect(verdicts).toEqual([before, after].map((state) => decideByReference(wordsOf(state, node), request)))
  expect(verdicts.map((each) => each === 'ALLOW')).toEqual([verb === 'lose', verb === 'gain'])
  expect(witness.context['shop.total']).toBeDefined()
}

/** What is told of accounts that are asked together is the sum of what is told of each. */
const expectTogether = (
  together: AccessDiff,
  alone: readonly AccessDiff[],
  accounts = NODES.length,
): void => {
  const counts = new Map<string, number>()
  for (const { changes } of alone)
    for (const key of new Set(changes.map(keyOf))) counts.set(key, (counts.get(key) ?? 0) + 1)
  expect(new Map(together.changes.map((change) => [keyOf(change), change.accounts]))).toEqual(counts)
  const sum = (pick: (diff: AccessDiff) => number): number =>
    alone.reduce((total, each) => total + pick(each), 0)
  expect(together.gained.accounts).toBe(sum(({ gained }) => gained.accounts))
  expect(together.lost.accounts).toBe(sum(({ lost }) => lost.accounts))
  expect(together.shut.accounts).toBe(sum(({ shut }) => shut.accounts))
  expect(together.examined).toBe(accounts)
}

const IS_OWN: Statement['Condition'] = { StringEquals: { 'shop.tag': '${principal.id}' } }
const IS_OWNED: Statement['Condition'] = {
  StringEquals: { 'shop.tag': '${shop.owner}', 'shop.owner': '${principal.id}' },
}
const NOT_A: Statement[] = [
  {
    Effect: 'Allow',
    Action: 'shop:Read',
    Resource: '*',
    Condition: { StringNotEquals: { 'shop.tag': 'a' } },
  },
]
const ALL: Statement[] = [{ Effect: 'Allow', Action: '*', Resource: '*' }]
const TAGGED = 'order/${principal.id}/${shop.tag}'

describe('the access diff', () => {
  test(
    'is brute force over the accounts, every witness reproduces, and together they are told as if alone',
    () => {
      fc.assert(
        fc.property(anyGiven, anyGiven, anyGiven, anyGiven, (a, b, c, d) => {
          const [before, after] = [stateOf(a, b), stateOf(c, fc.stringify(a) === fc.stringify(c) ? b : d)]
          const accounts = NODES.map((node) => accountOf(before, after, node))
          const alone = accounts.map((account) => compare([account]))
          for (const [n, node] of NODES.entries()) {
            const { changes = [] } = alone[n] ?? {}
            const said = new Set(changes.map(({ verb, action }) => `${verb} ${action}`))
            // Everything that the small world shows is there, and what else is there is true.
            expect([...bruteForce(before, after, node)].filter((each) => !said.has(each))).toEqual([])
            for (const change of changes) expectReproduced(change, [before, after], node)
          }
          expectTogether(compare(accounts), alone)
          tell()
        }),
        { numRuns: runs, seed, endOnFailure: true },
      )
    },
    60_000 + runs * NODES.length * 2500,
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

  test.each<[string, Given, Given]>([
    [
      'of another policy',
      { own: [...ALL, { Effect: 'Deny', Action: '*', Resource: '*', Condition: IS_OWN }], boundary: NOT_A },
      { own: ALL, boundary: NOT_A },
    ],
    [
      'of the other state',
      { own: NOT_A, boundary: null },
      { own: [], boundary: [{ Effect: 'Deny', Action: '*', Resource: '*', Condition: IS_OWN }] },
    ],
    [
      'by way of another key',
      {
        own: [...NOT_A, { Effect: 'Deny', Action: '*', Resource: '*', Condition: IS_OWNED }],
        boundary: null,
      },
      { own: NOT_A, boundary: null },
    ],
    [
      'of a pattern with a variable behind the name',
      { own: [{ Effect: 'Allow', Action: '*', Resource: TAGGED }], boundary: null },
      {
        own: [
          { Effect: 'Allow', Action: '*', Resource: TAGGED },
          { Effect: 'Deny', Action: '*', Resource: 'order/a/*' },
        ],
        boundary: null,
      },
    ],
  ])('two whose names a condition %s tells apart are not one', (_what, before, after) => {
    const other: Given = { own: ALL, boundary: null }
    const states = [stateOf(before, other), stateOf(after, other)] as const
    const accounts = ['a', 'b', 'c'].map((path) => accountOf(...states, { path, tier: null }))
    expectTogether(
      compare(accounts),
      accounts.map((account) => compare([account])),
      accounts.length,
    )
  })

  test('a right that rests on a key that equals what the account says of another is lost with it', () => {
    const tier = { StringEquals: { 'principal.attributes.tier': '${shop.tag}' } }
    const before: Given = {
      own: [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: tier }],
      boundary: null,
    }
    const states = [stateOf(before, before), stateOf({ own: [], boundary: null }, before)] as const
    const { lost } = compare([accountOf(...states, { path: 'a', tier: 'gold' })])
    expect(lost).toEqual({ rights: 2, accounts: 1 })
  })

  test('a right that rests on a key that equals what another has to be in a pattern is lost with it', () => {
    const before: Given = {
      own: [
        { Effect: 'Allow', Action: 'shop:Read', Resource: 'order/${principal.id}/${shop.owner}' },
        {
          Effect: 'Deny',
          Action: '*',
          Resource: '*',
          Condition: { StringNotEquals: { 'shop.owner': '${shop.tag}' } },
        },
      ],
      boundary: [{ Effect: 'Allow', Action: '*', Resource: 'order/*/xy' }],
    }
    const states = [stateOf(before, before), stateOf({ own: [], boundary: null }, before)] as const
    const { lost } = compare([accountOf(...states, { path: 'b', tier: null })])
    expect(lost).toEqual({ rights: 1, accounts: 1 })
  })

  test('a loss is told that needs a value of each of many keys, however much else is said of them', () => {
    const others: Statement[] = [1, 2, 3, 4, 5, 6].flatMap((n) =>
      [
        { NumericEquals: { 'shop.total': n } },
        { StringEquals: { 'shop.tag': `a${n}` } },
        { StringEquals: { 'shop.owner': `b${n}` } },
        { 'ForAnyValue:StringEquals': { 'shop.tags': [`c${n}`] } },
        { IpAddress: { 'request.ip': [`10.${n + 10}.0.0/16`] } },
      ].map((Condition) => ({ Effect: 'Allow', Action: '*', Resource: 'order/other', Condition })),
    )
    const all: Statement = {
      Effect: 'Allow',
      Action: 'shop:Read',
      Resource: 'order/*',
      Condition: {
        NumericEquals: { 'shop.total': 7 },
        StringEquals: { 'shop.tag': 'z', 'shop.owner': 'z' },
        'ForAnyValue:StringEquals': { 'shop.tags': ['z'] },
        IpAddress: { 'request.ip': ['10.200.0.0/16'] },
      },
    }
    const states = [[...others, all], others].map((own) =>
      stateOf({ own, boundary: null }, { own: [], boundary: null }),
    ) as [State, State]
    const { changes } = compare([accountOf(...states, { path: 'a', tier: null })])
    expect(changes).toMatchObject([{ verb: 'lose', action: 'shop:Read', resource: 'order/*' }])
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
