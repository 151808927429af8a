import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../policies/catalogue.ts'
import { decide } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { createAccessComparison } from '../../policies/plan/access.ts'
import type { AccessDiff, ExaminedAccount } from '../../policies/plan/types.ts'
import {
  accountOf,
  anyGiven,
  bruteForce,
  CATALOGUE,
  NODES,
  SERVICE,
  stateOf,
  type Given,
} from './plan-world.ts'

/** `PLAN_RUNS`: how many random changes; by default a few, always the same. */
const RUNS = Number(process.env['PLAN_RUNS'] ?? 3)
const SEED = process.env['PLAN_RUNS'] === undefined ? { seed: 20 } : {}

/** A hundred thousand take two seconds and stay one change. */
const ACCOUNTS = 2000

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
        { numRuns: RUNS, ...SEED },
      )
    },
    60_000 + RUNS * 20_000,
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
        { numRuns: RUNS, ...SEED },
      )
    },
    60_000 + RUNS * 20_000,
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
