import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { decide, type AccessRequest } from '../../policies/engine/decide.ts'
import type { Statement, Verdict } from '../../policies/language.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { askCedar, prepareCedar } from './cedar.ts'

const SETS = Number(process.env['POLICY_SETS'] ?? 2000)
const REQUESTS_PER_SET = 10

const action = fc.constantFrom('orders:Read', 'orders:Write', 'orders:List', 'places:Get')
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 3 })
  .map((parts) => parts.join('/'))
const resource = fc.tuple(fc.constantFrom('order', 'place'), path).map(([type, rest]) => `${type}/${rest}`)
const several = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(arbitrary, { minLength: 1, maxLength: 3 })
const actions = several(fc.oneof(action, fc.constantFrom('*', 'orders:*', 'ORDERS:W*', 'places:*t')))
const resources = several(
  fc.oneof(
    resource,
    fc.constantFrom('*', 'order/*', '*/b', 'place/a*b'),
    resource.map((text) => `${text}/*`),
  ),
)
const block = fc.constantFrom<NonNullable<Statement['Condition']>>(
  {},
  { StringEquals: { team: ['a', 'b'] } },
  { StringNotEquals: { team: ['a', 'ab'] } },
  { StringLike: { team: 'a*' } },
  { StringNotLike: { team: ['*b', 'c'] } },
  { NumericLessThan: { size: 3 } },
  { NumericGreaterThanEquals: { size: [2, 5] } },
  { NumericEquals: { size: [1, 2] } },
  { Bool: { 'request.mfa': true } },
  { IpAddress: { 'request.ip': ['10.0.0.0/8', '2001:db8::/32'] } },
  { NotIpAddress: { 'request.ip': '10.1.0.0/16' } },
  { Null: { team: 'false' }, StringNotEquals: { team: 'b' } },
  { Null: { size: 'true' } },
)

const statement: fc.Arbitrary<Statement> = fc
  .record({
    Effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Allow', 'Deny'),
    Action: fc.constantFrom('Action', 'Action', 'NotAction'),
    actions,
    Resource: fc.constantFrom('Resource', 'Resource', 'NotResource'),
    resources,
    Condition: block,
  })
  .map(({ Effect, Action, actions: named, Resource, resources: about, Condition }) => ({
    Effect,
    [Action]: named,
    [Resource]: about,
    Condition,
  }))

const request: fc.Arbitrary<AccessRequest> = fc.record({
  action,
  resource,
  context: fc.record(
    {
      team: fc.constantFrom('a', 'b', 'ab', 'c'),
      size: fc.constantFrom(0, 1, 2, 3, 7),
      'request.mfa': fc.boolean(),
      'request.ip': fc.constantFrom('10.1.2.3', '10.2.0.1', '192.0.2.1', '2001:db8::1'),
    },
    { requiredKeys: [] },
  ),
})

test(
  'G5: Cedar decides 20,000 cases, over 2,000 sets of what both languages have, as we do',
  { timeout: 120_000 },
  () => {
    const seen: Record<Verdict, number> = { ALLOW: 0, DENY_EXPLICIT: 0, DENY_IMPLICIT: 0 }
    const requests = fc.array(request, { minLength: REQUESTS_PER_SET, maxLength: REQUESTS_PER_SET })
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), requests, (statements, asked) => {
        prepareCedar('layer', statements)
        const policy = compilePolicy({ Statement: statements }, { name: 'p', hash: 'h' })
        const layers = [{ kind: 'own' as const, principal: {}, layer: createLayer([policy]) }]
        for (const one of asked) {
          const { verdict } = decide(layers, one)
          seen[verdict] += 1
          expect(verdict).toBe(askCedar('layer', one))
        }
      }),
      { numRuns: SETS },
    )
    expect(seen.ALLOW + seen.DENY_EXPLICIT + seen.DENY_IMPLICIT).toBeGreaterThanOrEqual(
      SETS * REQUESTS_PER_SET,
    )
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(500)
  },
)
