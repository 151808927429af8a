import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Attachment, PolicyDocument, Statement } from '../../policies/language.ts'
import { proveNoNewAccess, type AccessState } from '../../policies/plan/new-access.ts'
import { bruteForce } from './brute-force.ts'
import { planRuns } from './plan-runs.ts'
import { anyGiven, NODES, SERVICE, stateOf, type Given } from './plan-world.ts'

const { runs, seed, tell } = planRuns('proofs of no new access', 4, 20)

const document = (Id: string, Statement: readonly Statement[]): PolicyDocument => ({
  Version: 'authctl/1',
  Id,
  Statement,
})

/** The files of a set that gives each role what a state gives it. */
const filesOf = (given: Readonly<Record<'admin' | 'client', Given>>): AccessState => {
  const roles = ['admin', 'client'] as const
  return {
    services: [SERVICE],
    documents: roles.flatMap((role) => {
      const { own, boundary } = given[role]
      return [document(role, own), ...(boundary === null ? [] : [document(`${role}-bound`, boundary)])]
    }),
    attachments: roles.map((role): Attachment => ({
      to: { role },
      policies: role,
      ...(given[role].boundary === null ? {} : { boundary: `${role}-bound` }),
    })),
  }
}

const allow = (
  Action: string | string[],
  Resource: string,
  Condition?: Statement['Condition'],
): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition === undefined ? {} : { Condition }),
})
const deny = (Action: string, Resource: string): Statement => ({ Effect: 'Deny', Action, Resource })
const below = (limit: number): Statement['Condition'] => ({ NumericLessThan: { 'shop.total': limit } })
const OWN = 'order/${principal.path}/*'

const clerk = (statements: readonly Statement[], attachment: Partial<Attachment> = {}): AccessState => ({
  services: [SERVICE],
  documents: [document('clerk', statements)],
  attachments: [{ to: { role: 'client' }, policies: 'clerk', ...attachment }],
})
const base = [allow(['shop:Read', 'shop:Write'], OWN, below(500)), deny('shop:Write', 'order/*/closed/*')]

describe('no new access', () => {
  test.each<[string, readonly Statement[], readonly Statement[]]>([
    ['the same in another order', base, base.toReversed()],
    ['fewer actions', base, [allow('shop:Read', OWN, below(500)), ...base.slice(1)]],
    ['a narrower resource', base, [allow('shop:Write', `${OWN}/open`, below(500)), ...base.slice(1)]],
    ['a lower limit', base, [allow('shop:Write', OWN, below(400)), ...base.slice(1)]],
    ['one more Deny', base, [...base, deny('shop:Read', 'order/*/secret/*')]],
    ['a wider Deny', base, [...base.slice(0, 1), deny('shop:*', 'order/*')]],
    [
      'two statements for one',
      base,
      [allow('shop:Read', OWN, below(500)), allow('shop:Write', OWN, below(500)), ...base.slice(1)],
    ],
    ['nothing but the Deny', base, base.slice(1)],
  ])('PASS: %s', (_, before, after) => {
    expect(proveNoNewAccess(clerk(before), clerk(after))).toEqual({ verdict: 'PASS' })
  })

  test.each<[string, readonly Statement[], string]>([
    ['one more action', [allow('shop:*', OWN), base[1] as Statement], 'shop:Read'],
    ['a wider resource', [allow('shop:Read', 'order/*', below(500)), ...base.slice(1)], 'shop:Read'],
    ['a higher limit', [allow('shop:Write', OWN, below(501)), ...base.slice(1)], 'shop:Write'],
    ['a Deny less', base.slice(0, 1), 'shop:Write'],
  ])('FAIL with a request that shows it: %s', (_, after, action) => {
    const proved = proveNoNewAccess(clerk(base), clerk(after))
    expect(proved).toMatchObject({ verdict: 'FAIL', gained: { action } })
  })

  test('who gets it counts as well: whom attachments select, and what bounds them', () => {
    const bounded = clerk(base, { boundary: 'clerk' })
    expect(proveNoNewAccess(clerk(base), bounded)).toEqual({ verdict: 'PASS' })
    expect(proveNoNewAccess(bounded, clerk(base)).verdict).not.toBe('PASS')
    const plain = clerk(base.slice(0, 1))
    const gold = clerk(base.slice(0, 1), { to: { role: 'client', attributes: { tier: 'gold' } } })
    expect(proveNoNewAccess(plain, gold)).toEqual({ verdict: 'PASS' })
    expect(proveNoNewAccess(gold, plain)).toMatchObject({
      verdict: 'FAIL',
      who: 'those of role=client',
    })
    const other = clerk(base, { to: { role: 'admin' } })
    expect(proveNoNewAccess(clerk(base), other)).toMatchObject({
      verdict: 'FAIL',
      who: 'those of role=admin',
    })
  })

  test('what these files do not have is not taken to be the same: UNKNOWN', () => {
    const foreign = clerk(base, { policies: ['clerk', 'root/other'] })
    expect(proveNoNewAccess(foreign, foreign)).toEqual({ verdict: 'PASS' })
    expect(proveNoNewAccess(clerk(base), foreign)).toMatchObject({ verdict: 'UNKNOWN' })
    // It may have denied something.
    expect(proveNoNewAccess(foreign, clerk(base))).toMatchObject({ verdict: 'UNKNOWN' })
    // As a boundary it held back, and as a policy it gives.
    const capped = clerk(base, { boundary: 'root/other' })
    expect(proveNoNewAccess(capped, capped)).toEqual({ verdict: 'PASS' })
    expect(proveNoNewAccess(capped, foreign)).toMatchObject({ verdict: 'UNKNOWN' })
    // By its full name it may be the policy that the files have now.
    const filed = { ...foreign, documents: [...foreign.documents, document('other', [allow('shop:*', '*')])] }
    expect(proveNoNewAccess(foreign, filed)).toMatchObject({ verdict: 'UNKNOWN' })
    const erasing = { ...SERVICE, actions: { ...SERVICE.actions, Erase: { resources: ['order'] } } }
    expect(proveNoNewAccess(clerk(base), { ...clerk(base), services: [erasing] })).toMatchObject({
      verdict: 'UNKNOWN',
      reason: expect.stringContaining('shop:Erase') as string,
    })
    const needing = (always: boolean): AccessState => ({
      ...clerk(base),
      services: [{ ...SERVICE, context_keys: { 'shop.total': { type: 'number', always } } }],
    })
    expect(proveNoNewAccess(needing(false), needing(true))).toEqual({ verdict: 'PASS' })
    expect(proveNoNewAccess(needing(true), needing(false))).toMatchObject({ verdict: 'UNKNOWN' })
  })

  test(
    'a PASS is never contradicted, and the request of a FAIL reproduces',
    () => {
      const seen = { PASS: 0, FAIL: 0, UNKNOWN: 0 }
      const narrowed = (given: Given, keep: number): Given => ({
        own: given.own.filter((each, i) => each.Effect === 'Deny' || i % 3 !== keep),
        boundary: given.boundary,
      })
      fc.assert(
        fc.property(anyGiven, anyGiven, anyGiven, fc.nat(3), (admin, client, other, keep) => {
          // Half of the changes only take away.
          const after = keep === 3 ? { admin, client: other } : { admin: narrowed(admin, keep), client }
          const proved = proveNoNewAccess(filesOf({ admin, client }), filesOf(after))
          seen[proved.verdict] += 1
          const states = [stateOf(admin, client), stateOf(after.admin, after.client)] as const
          if (proved.verdict === 'PASS') {
            const found = NODES.flatMap((node) => [...bruteForce(...states, node)])
            expect(found.filter((each) => each.startsWith('gain'))).toEqual([])
          }
          if (proved.verdict === 'FAIL') {
            const { before, after: is } = proved.gained.witness
            expect([before === 'ALLOW', is]).toEqual([false, 'ALLOW'])
          }
          tell()
        }),
        { numRuns: runs * 2, seed },
      )
      expect(seen.PASS).toBeGreaterThan(0)
    },
    60_000 + runs * 20_000,
  )
})
