import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide, type AccessRequest, type OwnedLayer } from '../../policies/engine/decide.ts'
import type { Statement } from '../../policies/language.ts'
import { simplifyDocument } from '../../policies/plan/simplify.ts'
import { planRuns } from './plan-runs.ts'
import { anyLayer, anyRequest, prepareLayers } from './arbitraries.ts'

const { runs, seed, tell } = planRuns('simplified policies', 60)

const simplified = (Statement: readonly Statement[], mayDropStatements = true) =>
  simplifyDocument(
    { Version: 'authctl/1', Id: 'x', Statement },
    {
      mayDropStatements,
      isValid: () => true,
    },
  )

const allow = (
  Action: Statement['Action'],
  Resource: Statement['Resource'],
  Condition?: Statement['Condition'],
): Statement =>
  ({
    Effect: 'Allow',
    Action,
    Resource,
    ...(Condition && { Condition }),
  }) as Statement
const deny = (...args: Parameters<typeof allow>): Statement => ({ ...allow(...args), Effect: 'Deny' })

/** Every account has a role and a path; the daemon says them. */
const FACTS = { role: 'client', path: 'a' }
const complete = (layers: readonly OwnedLayer[]): OwnedLayer[] =>
  layers.map((layer) => ({
    ...layer,
    principal: { ...layer.principal, 'principal.role': FACTS.role, 'principal.path': FACTS.path },
  }))
const completed = ({ context, ...request }: AccessRequest): AccessRequest => ({
  ...request,
  context: { 'caller.id': 'a', 'caller.role': FACTS.role, 'caller.path': FACTS.path, ...context },
})

describe('what is superfluous in a policy', () => {
  test.each<[string, Statement[], Statement[]]>([
    ['a pattern that another covers', [allow(['s:Get', 's:*'], 'a/*')], [allow(['s:*'], 'a/*')]],
    ['the second of two that are the same', [allow('s:Get', ['a/*', 'a/*'])], [allow('s:Get', ['a/*'])]],
    ['a resource under another', [allow('s:Get', ['a/x/*', 'a/*'])], [allow('s:Get', ['a/*'])]],
    [
      'a network inside another',
      [allow('s:Get', 'a/*', { IpAddress: { 'request.ip': ['10.1.0.0/16', '10.0.0.0/8'] } })],
      [allow('s:Get', 'a/*', { IpAddress: { 'request.ip': ['10.0.0.0/8'] } })],
    ],
    [
      'a bound that another implies',
      [allow('s:Get', 'a/*', { NumericLessThan: { 'a.b': 5 }, NumericLessThanEquals: { 'a.b': 7 } })],
      [allow('s:Get', 'a/*', { NumericLessThan: { 'a.b': 5 } })],
    ],
    ['a statement that another covers', [allow('s:Get', 'a/1'), allow('s:*', 'a/*')], [allow('s:*', 'a/*')]],
    [
      'an Allow that is denied',
      [allow('s:Get', 'a/1'), deny('s:*', 'a/*'), allow('s:Put', '*')],
      [deny('s:*', 'a/*'), allow('s:Put', '*')],
    ],
    ['a Deny that another covers', [deny('s:Get', 'a/1'), deny('s:*', 'a/*')], [deny('s:*', 'a/*')]],
  ])('%s', (_what, before, after) => {
    expect(simplified(before).document.Statement).toEqual(after)
  })

  test.each<[string, Statement[]]>([
    ['the last value of a list', [allow(['s:Get'], ['a/*'])]],
    ['an action that a wildcard of another service has', [allow(['s:Get', 't:*'], 'a/*')]],
    ['a Deny, because the same is allowed', [deny('s:Get', 'a/*'), allow('*', '*')]],
    [
      'an Allow with the wider condition',
      [allow('s:Get', 'a/*', { Bool: { 'a.b': true } }), allow('s:Get', 'a/*', { Bool: { 'a.c': true } })],
    ],
    ['a part of a complement', [{ Effect: 'Allow', NotAction: ['s:Get', 's:Put'], Resource: '*' }]],
  ])('not: %s', (_what, statements) => {
    expect(simplified(statements)).toMatchObject({ removed: [], document: { Statement: statements } })
  })

  test('each part is told by where it stood, and statements that are called by name stay', () => {
    const before = [allow(['s:Get', 's:*'], 'a/*'), allow('s:Get', ['a/1', 'a/2'])]
    expect(simplified(before).removed).toEqual([
      { statement: 0, pointer: '/Action/0', what: 'Action s:Get' },
      { statement: 1, pointer: '', what: 'the statement' },
    ])
    expect(simplified(before, false).document.Statement).toHaveLength(2)
    expect(
      simplifyDocument(
        { Version: 'authctl/1', Id: 'x', Statement: before },
        {
          mayDropStatements: true,
          isValid: () => false,
        },
      ).removed,
    ).toEqual([])
  })

  test(
    'without it every request is decided as before, also beside other policies',
    () => {
      let dropped = 0
      fc.assert(
        fc.property(
          anyLayer,
          anyLayer,
          fc.array(anyRequest, { minLength: 20, maxLength: 20 }),
          (layer, beside, requests) => {
            const { document, removed } = simplified([...layer.statements, ...layer.statements.slice(0, 2)])
            dropped += removed.length
            const [before, after] = [layer.statements, document.Statement].map((statements) =>
              complete(prepareLayers([{ ...layer, statements: [...statements, ...beside.statements] }])),
            )
            for (const request of requests.map(completed))
              expect(decide(after ?? [], request).verdict).toBe(decide(before ?? [], request).verdict)
            tell()
          },
        ),
        { numRuns: runs, seed },
      )
      expect(dropped).toBeGreaterThan(runs / 3)
    },
    60_000 + runs * 100,
  )
})
