import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { decide, type AccessRequest, type OwnedLayer } from '../../policies/engine/decide.ts'
import { explain, type Explanation } from '../../policies/engine/explain.ts'
import type { ConditionBlock, Statement } from '../../policies/language.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { anyLayer, anyRequest, prepareLayers } from './arbitraries.ts'

const layerOf = (policies: Readonly<Record<string, readonly Statement[]>>, owner = 'a'): OwnedLayer => ({
  kind: 'own',
  principal: { 'principal.id': owner },
  layer: createLayer(
    Object.entries(policies).map(([name, Statement]) => compilePolicy({ Statement }, { name, hash: name })),
  ),
})

const say = (
  Effect: 'Allow' | 'Deny',
  Action: string,
  Resource: string,
  Condition?: ConditionBlock,
): Statement => ({
  Effect,
  Action,
  Resource,
  ...(Condition && { Condition }),
})
const allow = (action: string, resource: string, condition?: ConditionBlock): Statement =>
  say('Allow', action, resource, condition)
const deny = (action: string, resource: string, condition?: ConditionBlock): Statement =>
  say('Deny', action, resource, condition)

const READ: AccessRequest = { action: 'orders:Read', resource: 'order/a/1', context: {} }

const explained = (statements: readonly Statement[], request = READ): Explanation =>
  explain([layerOf({ p: statements })], request)

const MFA: ConditionBlock = { Bool: { 'request.mfa': true } }
const IN_TEAM: ConditionBlock = { StringEquals: { 'caller.team': 'a' } }

describe('what would allow', () => {
  test('all conditions that failed, not only the first', () => {
    const { would_allow_if: wishes, layers } = explained([
      allow('orders:Read', 'order/a/*', { ...MFA, IpAddress: { 'request.ip': '10.0.0.0/8' } }),
    ])
    expect(wishes).toEqual([
      'own layer of a: request.mfa met Bool true and request.ip met IpAddress 10.0.0.0/8 (p statement 0)',
    ])
    expect(layers[0]?.near_misses).toMatchObject([
      {
        key: 'request.mfa',
        also_failed: [{ failed: 'condition', key: 'request.ip', actual: null, actual_total: 0 }],
      },
    ])
  })

  test('what lacks the fewest conditions comes first', () => {
    const [layer] = explained([
      allow('orders:Read', 'order/a/*', { ...MFA, IpAddress: { 'request.ip': '10.0.0.0/8' } }),
      allow('orders:Read', 'order/*', MFA),
    ]).layers
    expect(layer?.near_misses.map(({ statement }) => statement)).toEqual([1, 0])
  })

  type Row = readonly [what: string, statements: Statement[], wishes: string[]]
  const ROWS: readonly Row[] = [
    ['the action', [allow('orders:List', 'order/*')], ['the action matched orders:List']],
    ['the action, but a Deny denies it', [allow('orders:List', 'order/*'), deny('orders:L*', '*')], []],
    ['the action, where a Deny is about other resources', [allow('orders:List', 'order/*'), deny('orders:L*', 'order/b/*')], ['the action matched orders:List']],
    ['the action, where a Deny asks for what is not so', [allow('orders:List', 'order/*'), deny('orders:L*', '*', MFA)], ['the action matched orders:List']],
    ['any action, some of which a Deny denies', [allow('places:*', 'order/*'), deny('places:Get', '*')], []],
    ['the resource', [allow('orders:Read', 'order/b/*')], ['the resource matched order/b/*']],
    ['the resource, but a Deny denies some', [allow('orders:Read', 'order/b/*'), deny('orders:Read', 'order/b/c/*')], []],
    ['the resource, where a Deny is about others', [allow('orders:Read', 'order/b/*'), deny('orders:Read', 'order/c/*')], ['the resource matched order/b/*']],
    ['a condition', [allow('orders:Read', 'order/*', MFA)], ['request.mfa met Bool true']],
    ['a condition that makes a Deny match', [allow('orders:Read', 'order/*', MFA), deny('*', '*', MFA)], []],
    ['a condition beside a Deny that asks for more', [allow('orders:Read', 'order/*', MFA), deny('*', '*', { ...MFA, StringEquals: { 'caller.id': 'x' } })], ['request.mfa met Bool true']],
    ['the action, where a Deny is about a longer one', [allow('orders:List', 'order/*'), deny('orders:ListAll', '*')], ['the action matched orders:List']],
    ['any action, where a Deny is about all but some', [allow('orders:L*', 'order/*'), { Effect: 'Deny', NotAction: 'orders:R*', Resource: '*' }], []],
    ['the resource, where a Deny is about a longer one', [allow('orders:Read', 'order/b'), deny('orders:Read', 'order/bc')], ['the resource matched order/b']],
    ['the resource, where a Deny is about all but some', [allow('orders:Read', 'order/b/*'), { Effect: 'Deny', Action: '*', NotResource: 'order/a/*' }], []],
    ['all resources but some, of which a Deny may deny one', [{ Effect: 'Allow', Action: '*', NotResource: 'order/a/*' }, deny('orders:Read', 'order/b/*')], []],
    ['a condition that makes the resource of a Deny match', [allow('orders:Read', '*', IN_TEAM), { Effect: 'Deny', Action: '*', Resource: ['order/x', 'order/${caller.team}/${caller.id}'] }], []],
    ['a condition that makes the value of a Deny match', [allow('orders:Read', '*', IN_TEAM), deny('*', '*', { StringEquals: { 'caller.id': '${caller.team}' } })], []],
    ['a condition, where a thousand Denies are about other resources', [allow('orders:Read', '*', MFA), ...Array.from({ length: 1000 }, () => deny('*', 'order/b'))], ['request.mfa met Bool true']],
    ['a condition, where more Denies than are looked at are about other resources', [allow('orders:Read', '*', MFA), ...Array.from({ length: 1001 }, () => deny('*', 'order/b'))], []],
    ['any action, where one of the patterns of a Deny is about some', [allow('orders:L*', 'order/*'), { Effect: 'Deny', Action: ['places:Get', 'orders:Li*'], Resource: '*' }], []],
    ['the resource, where one of the patterns of a Deny is about some', [allow('orders:Read', 'order/b/*'), { Effect: 'Deny', Action: '*', Resource: ['order/z', 'order/b/c'] }], []],
  ] // prettier-ignore

  test.each(ROWS)('%s', (_what, statements, expected) => {
    expect(explained(statements).would_allow_if).toEqual(
      expected.length === 0
        ? ['own layer of a: a statement allowed it']
        : expected.map((text) => `own layer of a: ${text} (p statement 0)`),
    )
  })

  test('a Deny of another layer counts', () => {
    const layers = [
      layerOf({ p: [allow('orders:List', 'order/*')] }),
      layerOf({ q: [allow('*', '*'), deny('orders:List', '*')] }, 'root'),
    ]
    expect(explain(layers, READ).would_allow_if).toEqual(['own layer of a: a statement allowed it'])
  })

  test('no promised action or resource is denied, whatever the policies', () => {
    fc.assert(
      fc.property(fc.array(anyLayer, { minLength: 1, maxLength: 3 }), anyRequest, (sources, request) => {
        const layers = prepareLayers(sources)
        for (const line of explain(layers, request).would_allow_if) {
          const [, element = '', texts = ''] =
            /: the (action|resource) matched (?!none)(.*) \(p/.exec(line) ?? []
          for (const text of texts.split(' or ').filter((each) => /^[^*?$]+$/.test(each)))
            expect(decide(layers, { ...request, [element]: text }).verdict, line).not.toBe('DENY_EXPLICIT')
        }
      }),
      { numRuns: Number(process.env['POLICY_RUNS'] ?? 5000) },
    )
  })
})

describe('near misses', () => {
  test('are not hidden by what has nothing to do with the request', () => {
    const others = Array.from({ length: 500 }, (_value, i) => deny('orders:Write', `order/a/${i}`))
    const unrelated = Array.from({ length: 500 }, (_value, i) => allow('orders:Write', `order/x${i}/*`))
    const [layer] = explained([...others, ...unrelated, allow('orders:List', 'order/a/*')]).layers
    expect(layer?.near_misses).toMatchObject([{ failed: 'action', statement: 1000 }])
  })

  test('are looked for among a thousand Allows, and no more', () => {
    const far = Array.from({ length: 999 }, () => allow('orders:Read', 'order/b/*', MFA))
    const missesOf = (more: number): unknown[] => [
      ...(explained([...far, ...far.slice(0, more), allow('orders:Read', 'order/b/*')]).layers[0]
        ?.near_misses ?? []),
    ]
    expect(missesOf(0)).toHaveLength(1)
    expect(missesOf(1)).toEqual([])
  })

  test('what fails by two elements is none', () => {
    expect(
      explained([allow('orders:List', 'order/b'), allow('orders:List', 'order/*', MFA)]).layers[0]
        ?.near_misses,
    ).toEqual([])
  })
})

test('a text is cut where it is longer than can be shown, and only there', () => {
  const texts = ['a', 'b'.repeat(256), 'c'.repeat(257)]
  const condition: ConditionBlock = { StringEquals: { 'caller.id': texts } }
  expect(explained([allow('orders:Read', '*', condition)]).layers[0]?.near_misses[0]?.expected).toEqual([
    'a',
    'b'.repeat(256),
    `${'c'.repeat(255)}…`,
  ])
})

test('what a statement names by its complement is said so', () => {
  const others: Statement[] = [
    { Effect: 'Allow', Action: 'orders:Read', NotResource: 'order/a/*' },
    { Effect: 'Allow', NotAction: 'orders:Read', Resource: 'order/a/*' },
  ]
  const { layers, would_allow_if: wishes } = explained(others)
  expect(layers[0]?.near_misses.map(({ failed, operator, actual }) => [failed, operator, actual])).toEqual([
    ['resource', 'NotResource', ['order/a/1']],
    ['action', 'NotAction', ['orders:Read']],
  ])
  expect(wishes).toEqual([
    'own layer of a: the resource matched none of order/a/* (p statement 0)',
    'own layer of a: the action matched none of orders:Read (p statement 1)',
  ])
})

test('near misses are told of a layer without an Allow, and only if it may be shown', () => {
  const near = allow('orders:List', 'order/*')
  const lacking = [layerOf({ p: [near] })]
  const missesOf = ({ layers }: Explanation): number[] => layers.map((layer) => layer.near_misses.length)
  expect(missesOf(explain(lacking, READ))).toEqual([1])
  expect(missesOf(explain(lacking, READ, () => false))).toEqual([0])
  expect(missesOf(explained([near, allow('orders:Read', '*')]))).toEqual([0])
})

test('a Deny is named as the decision names it, however many match', () => {
  const layer = layerOf({
    p: [allow('*', '*'), deny('orders:Read', 'order/a/1'), deny('orders:Read', 'order/a/*'), deny('*', '*')],
  })
  const decided = decide([layer], READ).statement?.index
  expect(explain([layer], READ).decided_by?.statement?.statement).toBe(decided)
})

test('what matches is listed by policy, then as it is written', () => {
  const [report] = explain(
    [
      layerOf({
        p: [allow('orders:List', '*'), allow('orders:Read', 'order/*')],
        q: [allow('orders:Read', '*'), deny('orders:Write', '*'), deny('*', 'order/a/*')],
        r: [deny('orders:Read', '*')],
      }),
    ],
    READ,
  ).layers
  expect(report?.matched.map(({ policy, statement }) => `${policy} ${statement}`)).toEqual([
    'q 2',
    'r 0',
    'p 1',
    'q 0',
  ])
})

test('of one policy, too, what matches is listed as it is written, wherever it is found', () => {
  const [two] = explained([allow('orders:Read', 'order/a/1'), allow('orders:Read', '*')]).layers
  expect(two?.matched.map(({ statement }) => statement)).toEqual([0, 1])
  const others = ['b', 'c', 'd'].map((id) => allow('orders:Read', `order/${id}`))
  const [among] = explained([allow('orders:Read', 'order/a/1'), allow('orders:Read', '*'), ...others]).layers
  expect(among?.matched.map(({ statement }) => statement)).toEqual([0, 1])
  const resources = ['order/a/1', 'order/a/*', '*', 'order/*', 'order/a/1']
  const [all] = explained(resources.map((resource) => allow('*', resource))).layers
  expect(all?.matched.map(({ statement }) => statement)).toEqual([0, 1, 2, 3, 4])
})

test('missing keys are those of conditions and those of variables without a default', () => {
  const { missing_keys: missing } = explained([
    allow('orders:Read', 'order/${caller.team}/*', MFA),
    allow('orders:Read', "order/${caller.unit, 'none'}/*"),
    deny('orders:Read', '*', { StringLike: { 'caller.id': ['${caller.desk}*', "${caller.floor, 'x'}"] } }),
    allow('orders:List', 'order/${caller.other}'),
  ])
  expect(missing).toEqual(['caller.desk', 'caller.id', 'caller.team', 'request.mfa'])
})

test('an answer is bounded: it names the beginning, and how much there is', () => {
  const long = 'x'.repeat(2000)
  const matching = Array.from({ length: 100 }, () => deny('orders:Read', 'order/a/*'))
  const [denied] = explained(matching).layers
  expect([denied?.matched.length, denied?.matched_total]).toEqual([20, 100])
  const values = Array.from({ length: 300 }, (_value, i) => `${i}${long}`)
  const request = { ...READ, context: { 'caller.tags': values } }
  const [lacking] = explained(
    [
      allow('orders:Read', '*', {
        'ForAnyValue:StringEquals': { 'caller.tags': values.map((text) => `${text}y`) },
      }),
    ],
    request,
  ).layers
  const [miss] = lacking?.near_misses ?? []
  expect(miss).toMatchObject({ expected_total: 300, actual_total: 300 })
  expect([miss?.expected.length, miss?.actual?.length]).toEqual([10, 10])
  expect(Math.max(...[...(miss?.expected ?? []), ...(miss?.actual ?? [])].map((text) => text.length))).toBe(
    256,
  )
  const lacksOf = (count: number): number => {
    const keys = Array.from({ length: count }, (_value, i) => [`caller.k${i}`, true] as const)
    const [layer] = explained([allow('orders:Read', '*', { Bool: Object.fromEntries(keys) })]).layers
    return layer?.near_misses.length ?? NaN
  }
  expect([lacksOf(8), lacksOf(9)]).toEqual([1, 0])
})
