import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CompileError } from '../../policies/engine/condition.ts'
import { holdsAll, matchesAction } from '../../policies/engine/compile.ts'
import { decide, viewOf, type AccessRequest, type OwnedLayer } from '../../policies/engine/decide.ts'
import { explain } from '../../policies/engine/explain.ts'
import type { Statement, Verdict } from '../../policies/language.ts'
import { indexOf, matchesStatementResource } from '../../policies/engine/layer.ts'
import { anyLayer, anyRequest, anyStatement, prepareLayers, type LayerSource } from './arbitraries.ts'

const RUNS = { numRuns: Number(process.env['POLICY_RUNS'] ?? 2000) }

const verdict = (layers: readonly LayerSource[], request: AccessRequest): Verdict =>
  decide(prepareLayers(layers), request).verdict

/** The rule as it is documented, over every statement: any Deny denies, else every layer needs an Allow. */
const decideByScan = (layers: readonly OwnedLayer[], request: AccessRequest): Verdict => {
  const matching = layers.map((owned) => {
    const view = viewOf(owned, request)
    return owned.layer.statements
      .filter((statement) => matchesAction(statement, request.action.toLowerCase()))
      .filter((statement) => matchesStatementResource(statement, request.resource, view))
      .filter((statement) => holdsAll(statement, view))
      .map(({ effect }) => effect)
  })
  if (matching.some((effects) => effects.includes('Deny'))) return 'DENY_EXPLICIT'
  return matching.length > 0 && matching.every((effects) => effects.includes('Allow'))
    ? 'ALLOW'
    : 'DENY_IMPLICIT'
}

const layers = fc.array(anyLayer, { minLength: 1, maxLength: 4 })

describe('properties of decisions', () => {
  test('the index decides as a scan of every statement does', () => {
    fc.assert(
      fc.property(layers, fc.array(anyRequest, { minLength: 5, maxLength: 5 }), (sources, requests) => {
        const prepared = prepareLayers(sources)
        for (const request of requests)
          expect(decide(prepared, request).verdict).toBe(decideByScan(prepared, request))
      }),
      RUNS,
    )
  })

  test('explain decides as decide does, and names a statement for every denial and allow', () => {
    fc.assert(
      fc.property(layers, anyRequest, (sources, request) => {
        const prepared = prepareLayers(sources)
        const { verdict: decision, layer, statement } = decide(prepared, request)
        const explanation = explain(prepared, request)
        expect(explanation.decision).toBe(decision)
        const deciding = explanation.decided_by
        expect(deciding === null ? undefined : prepared[deciding.layer]).toBe(layer)
        expect(deciding?.statement?.statement).toBe(statement?.index)
        expect(deciding?.statement?.hash).toBe(statement?.policy.hash)
        for (const { outcome, matched } of explanation.layers)
          expect(matched.length > 0).toBe(outcome !== 'none')
      }),
      RUNS,
    )
  })

  test('one more layer never turns a denial into an allow', () => {
    fc.assert(
      fc.property(layers, anyLayer, anyRequest, (sources, more, request) => {
        if (verdict([...sources, more], request) === 'ALLOW') expect(verdict(sources, request)).toBe('ALLOW')
      }),
      RUNS,
    )
  })

  test('an Allow for a child never allows what its creator is denied', () => {
    fc.assert(
      fc.property(anyLayer, anyLayer, anyStatement, anyRequest, (child, creator, statement, request) => {
        const granted: Statement = { ...statement, Effect: 'Allow' }
        const raised = { ...child, statements: [...child.statements, granted] }
        if (verdict([creator], request) !== 'ALLOW')
          expect(verdict([raised, creator], request)).not.toBe('ALLOW')
      }),
      RUNS,
    )
  })

  test('G5: one more Deny never allows', () => {
    fc.assert(
      fc.property(layers, anyStatement, anyRequest, (sources, statement, request) => {
        const denying: Statement = { ...statement, Effect: 'Deny' }
        const [first, ...rest] = sources
        if (first === undefined) return
        const lowered = [{ ...first, statements: [...first.statements, denying] }, ...rest]
        if (verdict(lowered, request) === 'ALLOW') expect(verdict(sources, request)).toBe('ALLOW')
      }),
      RUNS,
    )
  })

  test('order, duplicates and the split into documents are irrelevant', () => {
    fc.assert(
      fc.property(layers, anyRequest, (sources, request) => {
        const decision = verdict(sources, request)
        const doubled = sources.map((source) => ({
          ...source,
          statements: [...source.statements.toReversed(), ...source.statements],
        }))
        expect(verdict(doubled, request)).toBe(decision)
        expect(decide(prepareLayers(sources, true), request).verdict).toBe(decision)
      }),
      RUNS,
    )
  })

  test('a statement split by its patterns decides the same', () => {
    const split = (statement: Statement): Statement[] => {
      if (statement.Action === undefined || statement.Resource === undefined) return [statement]
      return (statement.Action as string[]).flatMap((Action) =>
        (statement.Resource as string[]).map((Resource) => ({ ...statement, Action, Resource })),
      )
    }
    fc.assert(
      fc.property(layers, anyRequest, (sources, request) => {
        const apart = sources.map((source) => ({ ...source, statements: source.statements.flatMap(split) }))
        expect(verdict(apart, request)).toBe(verdict(sources, request))
      }),
      RUNS,
    )
  })
})

describe('the rule', () => {
  const read: AccessRequest = { action: 'orders:Read', resource: 'order/a/1', context: {} }
  const allow = (Resource: string, more: Partial<Statement> = {}): Statement => ({
    Effect: 'Allow',
    Action: 'orders:*',
    Resource,
    ...more,
  })
  const deny = (Resource: string): Statement => ({ Effect: 'Deny', Action: '*', Resource })
  const layer = (owner: string, ...statements: Statement[]): LayerSource => ({ owner, statements })

  test('G5: no layer at all, an empty layer, and a layer about something else deny', () => {
    expect(verdict([], read)).toBe('DENY_IMPLICIT')
    expect(verdict([layer('a')], read)).toBe('DENY_IMPLICIT')
    expect(verdict([layer('a', allow('order/*')), layer('root')], read)).toBe('DENY_IMPLICIT')
    expect(verdict([layer('a', allow('place/*'))], read)).toBe('DENY_IMPLICIT')
  })

  test('G5: a Deny of the last layer wins over the missing Allow of the first', () => {
    expect(verdict([layer('a'), layer('root', allow('*'), deny('order/a/*'))], read)).toBe('DENY_EXPLICIT')
  })

  test('principal is the owner of the layer, not the caller', () => {
    const own = allow('order/${principal.id}/*')
    expect(verdict([layer('a', own)], read)).toBe('ALLOW')
    expect(verdict([layer('a', own), layer('b', own)], read)).toBe('DENY_IMPLICIT')
  })

  test.each<[what: string, statement: object]>([
    ['an unknown effect', { ...allow('*'), Effect: 'Permit' }],
    ['no effect', { Action: '*', Resource: '*' }],
    ['an unknown operator', { ...allow('*'), Condition: { StringMatches: { 'caller.team': 'a' } } }],
    ['an unknown set operator', { ...allow('*'), Condition: { 'ForSome:StringEquals': { x: 'a' } } }],
    ['no action', { Effect: 'Allow', Resource: '*' }],
    ['no resource', { Effect: 'Allow', Action: '*' }],
    ['a value that is no number', { ...allow('*'), Condition: { NumericEquals: { x: 'many' } } }],
    ['a value that is no network', { ...allow('*'), Condition: { IpAddress: { x: 'home' } } }],
  ])('G5: %s never allows', (_what, statement) => {
    let decided: Verdict = 'DENY_IMPLICIT'
    try {
      decided = verdict([layer('a', statement as Statement)], read)
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError)
    }
    expect(decided).not.toBe('ALLOW')
  })

  test('G5: among a thousand statements a decision takes at most a millisecond, 99 times of 100', () => {
    const statements = Array.from({ length: 1000 }, (_none, n): Statement => ({
      ...allow(`order/${n % 50}/*`),
      Action: n % 2 === 0 ? 'orders:*' : ['orders:Read', 'places:G*'],
      Effect: n % 10 === 9 ? 'Deny' : 'Allow',
      Condition: { StringLike: { 'caller.team': `team-${n}*` } },
    }))
    const prepared = prepareLayers([layer('a', ...statements), layer('root', allow('*'))])
    const times: number[] = []
    for (let n = 0; n < 3000; n++) {
      const request = { ...read, resource: `order/${n % 60}/x`, context: { 'caller.team': `team-${n}` } }
      const begun = performance.now()
      decide(prepared, request)
      times.push(performance.now() - begun)
    }
    times.sort((a, b) => a - b)
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThanOrEqual(1)
  })

  test('questions about endless actions get no endless memory', () => {
    const [prepared] = prepareLayers([layer('a', allow('*'))])
    if (prepared === undefined) throw new Error('a layer')
    for (let n = 0; n < 4200; n++) {
      const asked = { ...read, action: `orders:A${n}` }
      expect(decide([prepared], asked).verdict).toBe('ALLOW')
    }
    expect(prepared.layer.actions.size).toBe(4096)
    // What was asked about once is kept, and not made again.
    expect(indexOf(prepared.layer, 'orders:a0')).toBe(indexOf(prepared.layer, 'orders:a0'))
  })

  test('an explanation says who decided, by which statement, what came close and what is missing', () => {
    const prepared = prepareLayers([
      layer(
        'a',
        allow('order/a/*', { Sid: 'Own', Condition: { IpAddress: { 'request.ip': '10.0.0.0/8' } } }),
      ),
      layer('root', allow('*')),
    ])
    expect(explain(prepared, { ...read, context: { 'request.ip': '192.0.2.1' } })).toMatchObject({
      decision: 'DENY_IMPLICIT',
      decided_by: { layer: 0, statement: null },
      layers: [
        {
          principal: 'a',
          outcome: 'none',
          near_misses: [
            {
              sid: 'Own',
              failed: 'condition',
              operator: 'IpAddress',
              key: 'request.ip',
              expected: ['10.0.0.0/8'],
              actual: ['192.0.2.1'],
            },
          ],
        },
        { principal: 'root', outcome: 'allow' },
      ],
      would_allow_if: ['own layer of a: request.ip met IpAddress 10.0.0.0/8 (p0 statement Own)'],
    })
    expect(explain(prepared, read).missing_keys).toEqual(['request.ip'])
    const denied = explain(
      prepareLayers([layer('a', allow('*')), layer('root', allow('*'), deny('order/a/1'))]),
      read,
    )
    expect(denied.decided_by).toMatchObject({ layer: 1, statement: { effect: 'Deny', statement: 1 } })
    const elsewhere = explain(
      prepareLayers([layer('a', allow('order/b'), { ...allow('order/a/*'), Action: 'places:Get' })]),
      read,
    )
    expect(elsewhere.layers[0]?.near_misses.map(({ failed }) => failed)).toEqual(['resource', 'action'])
  })
})
