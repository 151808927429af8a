import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../policies/catalogue.ts'
import { decide, type AccessRequest } from '../../policies/engine/decide.ts'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { createLayer } from '../../policies/engine/layer.ts'
import { KNOWN } from '../../policies/invariants/bindings.ts'
import { findCounterexample } from '../../policies/invariants/counterexample.ts'
import { isProven, type HeldAccount } from '../../policies/invariants/prove.ts'
import { requestsOf } from '../../policies/invariants/requests.ts'
import type { Attachment, Statement } from '../../policies/language.ts'
import { validateSet, type PolicySet } from '../../policies/set/read.ts'
import { runTests } from '../../policies/testing/index.ts'
import { proveInvariants } from '../../policies/testing/invariants.ts'
import { above, layersOf, supposedFacts } from '../../policies/testing/supposed-layers.ts'
import { isSelected } from '../../policies/testing/supposed.ts'
import { anyLayer, anyRequest, anyStatement, prepareLayers } from './arbitraries.ts'
import { ORDERS } from './samples.ts'

/**
 * `INVARIANT_RUNS`: how many random rules are held against random layers, and four times as many against
 * random sets; by default a few, always the same.
 */
const RUNS = Number(process.env['INVARIANT_RUNS'] ?? 25)
const SEED = process.env['INVARIANT_RUNS'] === undefined ? { seed: 14 } : {}
const NOW = Date.parse('2026-06-01T12:00:00Z')

const OWN = 'order/${principal.path}/*'
const READ: Statement = { Effect: 'Allow', Action: 'orders:Read', Resource: OWN }
const WRITE: Statement = { Effect: 'Allow', Action: 'orders:Write', Resource: OWN }
const NO_WRITE: Statement = { Effect: 'Deny', Action: 'orders:Write', Resource: '*' }
const ALL: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }
const below = (limit: number): NonNullable<Statement['Condition']> => ({
  NumericLessThan: { 'orders.total': limit },
})

const TRIAL = { role: 'client', attributes: { tier: 'trial' } }
const ATTACHMENTS: Attachment[] = [
  { to: { role: 'admin' }, policies: 'clerk' },
  { to: { role: 'client' }, policies: 'clerk' },
  { to: TRIAL, boundary: 'cap' },
]

interface Parts {
  readonly clerk?: readonly Statement[]
  readonly cap?: readonly Statement[]
  readonly attachments?: readonly Attachment[]
}

const setWith = (
  invariant: object,
  { clerk = [READ, WRITE], cap = [ALL, NO_WRITE], attachments = ATTACHMENTS }: Parts = {},
): PolicySet => {
  const file = (path: string, content: object) => ({ path, text: JSON.stringify(content, null, 1) })
  const document = (Id: string, Statement: readonly Statement[]) =>
    file(`documents/${Id}.json`, { Version: 'authctl/1', Id, Statement })
  return validateSet([
    file('authctl.json', { set: 'acme' }),
    file('services/orders.json', ORDERS),
    document('clerk', clerk),
    document('cap', cap),
    file('attachments/roles.json', { attachments }),
    file('invariants/i.json', { invariant: 'i', ...invariant }),
  ])
}

const prove = (invariant: object, parts?: Parts) => {
  const set = setWith(invariant, parts)
  expect(set.diagnostics).toEqual([])
  const [result] = proveInvariants(set, { now: NOW })
  return result
}

const never = (rule: object): object => ({ neverGrants: rule })
const always = (rule: object): object => ({ alwaysGrants: rule })
const onlyBy = (rule: object): object => ({ onlyBy: rule })
const CLIENT = { role: 'client' }

describe('an invariant of files', () => {
  test.each<[string, object, Parts]>([
    ['a boundary denies it', never({ to: TRIAL, Action: 'orders:Write', Resource: '*' }), {}],
    [
      'a boundary that does not allow it',
      never({ to: TRIAL, Action: 'orders:Write', Resource: '*' }),
      { cap: [{ ...ALL, Action: 'orders:Read' }] },
    ],
    ['nothing outside one’s own path', never({ Action: 'orders:*', NotResource: OWN }), {}],
    ['what no policy names', never({ Action: 'orders:Pay', Resource: '*' }), {}],
    [
      'amounts that no condition lets through',
      never({
        Action: 'orders:Write',
        Resource: '*',
        Condition: { NumericGreaterThanEquals: { 'orders.total': 500 } },
      }),
      { clerk: [READ, { ...WRITE, Condition: below(500) }] },
    ],
    [
      'other attributes are other accounts',
      never({ to: TRIAL, Action: 'orders:Write', Resource: '*' }),
      { attachments: [{ to: { role: 'client', attributes: { tier: 'gold' } }, policies: 'clerk' }] },
    ],
    [
      'the layer above allows less',
      never({ to: CLIENT, Action: 'orders:Write', Resource: '*' }),
      {
        attachments: [
          { to: { role: 'admin' }, policies: 'cap' },
          { to: CLIENT, policies: 'clerk' },
        ],
      },
    ],
    ['by role and by the layer above', always({ to: CLIENT, Action: 'orders:Read', Resource: OWN }), {}],
    [
      'a star of the rule is what is declared',
      always({ to: { role: 'super-admin' }, Action: 'orders:*', Resource: '*' }),
      {
        clerk: [
          {
            Effect: 'Allow',
            Action: ['orders:Read', 'orders:Write', 'orders:List', 'orders:Fetch'],
            Resource: 'order/*',
          },
          { Effect: 'Allow', Action: 'orders:Pay', Resource: 'invoice/*' },
        ],
        attachments: [{ to: { role: 'super-admin' }, policies: 'clerk' }],
      },
    ],
    [
      'two conditions that leave nothing out, on a key that is always there',
      always({ to: CLIENT, Action: 'orders:Write', Resource: OWN }),
      {
        clerk: [
          { ...WRITE, Condition: below(500) },
          { ...WRITE, Condition: { NumericGreaterThanEquals: { 'orders.total': 500 } } },
        ],
        attachments: ATTACHMENTS.slice(0, 2),
      },
    ],
    [
      'only those who are named',
      onlyBy({ to: [{ role: 'admin' }, CLIENT], Action: 'orders:*', Resource: '*' }),
      {},
    ],
  ])('PASS: %s', (_, invariant, parts) => {
    expect(prove(invariant, parts)).toMatchObject({ verdict: 'PASS', who: null })
  })

  test.each<[string, object, Parts, string]>([
    ['allowed to the role', never({ to: CLIENT, Action: 'orders:Write', Resource: '*' }), {}, 'client'],
    [
      'the boundary is gone',
      never({ to: TRIAL, Action: 'orders:Write', Resource: '*' }),
      { attachments: ATTACHMENTS.slice(0, 2) },
      'client tier="trial"',
    ],
    [
      'an attribute that gives more',
      never({ to: CLIENT, Action: 'orders:Write', Resource: '*' }),
      {
        clerk: [READ],
        cap: [WRITE],
        attachments: [
          { to: { role: 'admin' }, policies: ['clerk', 'cap'] },
          { to: { role: 'client', attributes: { tier: 'gold' } }, policies: 'cap' },
        ],
      },
      'client tier="gold"',
    ],
    [
      'others’ orders',
      never({ Action: 'orders:*', NotResource: OWN }),
      { clerk: [READ, { ...WRITE, Resource: 'order/*' }] },
      'admin',
    ],
    [
      'an amount just above',
      never({
        Action: 'orders:Write',
        Resource: '*',
        Condition: { NumericGreaterThanEquals: { 'orders.total': 500 } },
      }),
      { clerk: [READ, { ...WRITE, Condition: below(501) }] },
      'admin',
    ],
    [
      'a boundary of some',
      always({ to: CLIENT, Action: 'orders:Write', Resource: OWN }),
      {},
      'client tier="trial"',
    ],
    [
      'the layer above lacks it',
      always({ to: CLIENT, Action: 'orders:Write', Resource: OWN }),
      {
        attachments: [
          { to: { role: 'admin' }, policies: 'cap' },
          { to: CLIENT, policies: 'clerk' },
        ],
      },
      'client',
    ],
    ['somebody else', onlyBy({ to: { role: 'admin' }, Action: 'orders:*', Resource: '*' }), {}, 'client'],
    [
      'nobody is given anything',
      always({ to: { role: 'user' }, Action: 'orders:Read', Resource: '*' }),
      {},
      'user',
    ],
  ])('FAIL with a request: %s', (_, invariant, parts, who) => {
    const result = prove(invariant, parts)
    expect(result).toMatchObject({ verdict: 'FAIL', who, broken: { explanation: {} } })
    const { action, verdict } = result?.broken ?? {}
    expect(action).toMatch(/^orders:/)
    expect(verdict === 'ALLOW').toBe(result?.kind !== 'alwaysGrants')
  })

  test('UNKNOWN: what is in no file may allow and may deny', () => {
    const attachments = [{ to: CLIENT, policies: ['clerk', 'root/other'] }]
    expect(prove(never({ Action: 'orders:Pay', Resource: '*' }), { attachments })).toMatchObject({
      verdict: 'UNKNOWN',
      who: 'client',
      broken: null,
    })
    const rule = always({ to: CLIENT, Action: 'orders:Read', Resource: OWN })
    expect(prove(rule, { attachments })).toMatchObject({ verdict: 'UNKNOWN' })
  })

  test('UNKNOWN: a limit of the account is not that of the account above it', () => {
    const Condition = { NumericLessThan: { 'orders.total': "${principal.attributes.limit, '0'}" } }
    const rule = always({ to: CLIENT, Action: 'orders:Write', Resource: OWN, Condition })
    const clerk = [{ ...WRITE, Condition }]
    expect(prove(rule, { clerk, attachments: ATTACHMENTS.slice(1, 2) })).toMatchObject({ verdict: 'PASS' })
    expect(prove(rule, { clerk, attachments: ATTACHMENTS.slice(0, 2) })).toMatchObject({ verdict: 'UNKNOWN' })
  })

  test('is a test among the others: it fails the run, also where it cannot be shown', () => {
    const broken = runTests(setWith(never({ to: CLIENT, Action: 'orders:Write', Resource: '*' })), {
      now: NOW,
    })
    expect(broken.results).toMatchObject([
      {
        name: 'i',
        kind: 'invariant',
        file: 'invariants/i.json',
        line: 2,
        failedTotal: 1,
        failed: [{ principal: 'client', expected: 'DENY by neverGrants', actual: 'ALLOW' }],
      },
    ])
    const attachments = [{ to: CLIENT, policies: ['clerk', 'root/other'] }]
    const unknown = runTests(setWith(never({ Action: 'orders:Pay', Resource: '*' }), { attachments }), {
      now: NOW,
    })
    expect(unknown.results).toMatchObject([{ failedTotal: 1, failed: [], unproven: 'client' }])
    const held = runTests(setWith(never({ Action: 'orders:Pay', Resource: '*' })), { now: NOW })
    expect(held.results).toMatchObject([{ failedTotal: 0 }])
  })
})

test.each<[string, object, string, number]>([
  [
    'two rules',
    { ...never({ Action: '*', Resource: '*' }), ...always({ to: CLIENT, Action: '*', Resource: '*' }) },
    'E_EXCLUSIVE',
    7,
  ],
  ['no rule', {}, 'E_EXCLUSIVE', 1],
  ['to whom is missing', always({ Action: '*', Resource: '*' }), 'E_VALUE', 3],
  ['nobody', never({ to: [], Action: '*', Resource: '*' }), 'E_EMPTY_LIST', 4],
  ['no such role', never({ to: { role: 'clinet' }, Action: '*', Resource: '*' }), 'E_VALUE', 5],
  ['no such action', never({ Action: 'orders:Raed', Resource: '*' }), 'E_ACTION_UNKNOWN', 4],
  ['another type', never({ Action: 'orders:Read', Resource: 'invoice/*' }), 'E_RESOURCE_ACTION_MISMATCH', 5],
  ['a misspelt element', never({ Actions: 'orders:Read', Resource: '*' }), 'E_UNKNOWN_KEY', 4],
  [
    'a condition of another type',
    never({ Action: 'orders:Read', Resource: '*', Condition: { Bool: { 'orders.total': true } } }),
    'E_OP_TYPE',
    7,
  ],
  ['a bad name', { invariant: 'No', ...never({ Action: '*', Resource: '*' }) }, 'E_VALUE', 2],
])('the validator names the place of what is wrong: %s', (_, invariant, code, line) => {
  const { diagnostics, invariants } = setWith(invariant)
  expect(diagnostics[0]).toMatchObject({ code, line, file: 'invariants/i.json' })
  expect(invariants).toEqual([])
})

test('two invariants of one name are told apart by nobody', () => {
  const set = setWith(never({ Action: 'orders:Pay', Resource: '*' }))
  expect(set.diagnostics).toEqual([])
  const text = JSON.stringify({ invariant: 'i', neverGrants: { Action: '*', Resource: '*' } })
  const file = (path: string) => ({ path, text })
  const { diagnostics } = validateSet([
    { path: 'authctl.json', text: '{"set": "acme"}' },
    file('invariants/a.json'),
    file('invariants/b.json'),
  ])
  expect(diagnostics).toMatchObject([{ code: 'E_VALUE', file: 'invariants/b.json' }])
})

const resources = ['order', 'place', 'cart']
const DRAWN = createCatalogue([
  {
    ...ORDERS,
    actions: { Read: { resources }, Write: { resources }, List: { resources } },
    context_keys: {},
  },
  { service: 'places', actions: { Get: { resources } }, resource_types: { place: {} } },
])
const canBeAsked = ({ action, resource }: AccessRequest): boolean =>
  DRAWN.actions.get(action)?.resources.some((type) => resource.startsWith(`${type}/`)) === true

test('what is proved of random layers no request contradicts, and every counterexample reproduces', () => {
  let [proven, shown] = [0, 0]
  const check = (
    kind: 'neverGrants' | 'alwaysGrants',
    rule: Statement,
    held: HeldAccount,
    requests: readonly AccessRequest[],
  ): void => {
    const asked = requestsOf(rule, DRAWN)
    const layers = held.layers.map(({ principal, allows }) => ({
      kind: 'own' as const,
      principal,
      layer: createLayer(allows),
    }))
    const own = { kind: 'own' as const, principal: held.principal, layer: createLayer([asked.policy]) }
    const isBroken = (request: AccessRequest): boolean =>
      decide([own], request).verdict === 'ALLOW' &&
      (decide(layers, request).verdict === 'ALLOW') === (kind === 'neverGrants')
    if (isProven(kind, asked, held)) {
      proven++
      for (const request of requests.filter(canBeAsked))
        expect(isBroken(request), JSON.stringify([kind, rule, request])).toBe(false)
      return
    }
    const account = { id: 'a', principal: held.principal, context: held.caller, layers }
    const found = findCounterexample(kind, asked, account)
    if (found === undefined) return
    shown++
    const { action, resource, context } = found
    expect(isBroken({ action, resource, context: { ...held.caller, ...context } })).toBe(true)
  }
  fc.assert(
    fc.property(
      fc.array(anyLayer, { minLength: 1, maxLength: 3 }),
      anyStatement,
      fc.array(anyRequest, { minLength: 25, maxLength: 25 }),
      (sources, drawn, requests) => {
        const layers = prepareLayers(sources).map(({ principal, layer }) => ({
          principal,
          binding: { owner: 'caller', values: new Map() },
          allows: layer.policies,
          denies: layer.policies,
        }))
        for (const [id, ofCaller] of Map.groupBy(requests, ({ context }) => String(context['caller.id']))) {
          const caller = { 'caller.id': id, 'request.time': 0 }
          const held = {
            caller,
            principal: { 'principal.id': id },
            binding: { owner: 'caller', values: new Map() },
            layers,
          }
          const asking = ofCaller.map((request) => ({
            ...request,
            context: Object.fromEntries(
              Object.entries({ ...request.context, 'caller.id': id }).filter(
                ([key]) => !key.startsWith('caller.') || key === 'caller.id',
              ),
            ),
          }))
          check('neverGrants', drawn, held, asking)
          check('alwaysGrants', drawn, held, asking)
        }
      },
    ),
    { numRuns: RUNS, ...SEED },
  )
  expect(proven).toBeGreaterThan(RUNS / 2)
  expect(shown).toBeGreaterThan(RUNS / 2)
})

const SELECTORS: readonly Attachment['to'][] = [
  { role: 'admin' },
  { role: 'client' },
  { role: 'admin', attributes: { team: 'a' } },
  { role: 'client', attributes: { team: 'a' } },
  { role: 'client', attributes: { team: 'b', tier: 'x' } },
]
const anyAttachment: fc.Arbitrary<Attachment> = fc
  .tuple(fc.constantFrom(...SELECTORS), fc.constantFrom('p0', 'p1', 'p2'), fc.boolean())
  .map(([to, name, isBoundary]) => (isBoundary ? { to, boundary: name } : { to, policies: name }))
const anyAttributes = fc.record(
  {
    team: fc.constantFrom('a', 'b'),
    tier: fc.constantFrom('x', 'y'),
    t: fc.constantFrom('a', 'b', '1', '2', 'true'),
  },
  { requiredKeys: [] },
)

/** A set as it is once it was read, of which nobody asks where it is written. */
const setOf = (
  policies: readonly (readonly Statement[])[],
  attachments: readonly Attachment[],
  invariant: object,
): PolicySet =>
  ({
    documents: policies.map((Statement, n) => ({
      document: { Version: 'authctl/1', Id: `p${n}`, Statement },
      writtenAt: [],
    })),
    attachments,
    invariants: [{ invariant: { invariant: 'i', ...invariant }, file: 'i', namedAt: { line: 1, column: 1 } }],
    catalogue: DRAWN,
  }) as unknown as PolicySet

test('what is proved of all accounts of a set no account contradicts, with any others above it', () => {
  let proven = 0
  const anyPolicies = fc.tuple(anyLayer, anyLayer, anyLayer)
  fc.assert(
    fc.property(
      anyPolicies,
      fc.array(anyAttachment, { minLength: 1, maxLength: 5 }),
      anyStatement,
      fc.constantFrom('neverGrants', 'alwaysGrants', 'onlyBy'),
      fc.constantFrom(...SELECTORS),
      fc.tuple(anyAttributes, anyAttributes),
      fc.array(anyRequest, { minLength: 15, maxLength: 15 }),
      (drawn, attachments, { Effect: _effect, ...requests }, kind, to, attributes, asked) => {
        const policies = drawn.map(({ statements }) => statements)
        const set = setOf(policies, attachments, { [kind]: { to, ...requests } })
        const [result] = proveInvariants(set, { now: NOW })
        if (result?.verdict !== 'PASS') return
        proven++
        const compiled = policies.map((Statement, n) =>
          compilePolicy({ Statement }, { name: `p${n}`, hash: JSON.stringify(Statement) }),
        )
        const given = { attachments, find: (name: string) => compiled.find((each) => each.name === name) }
        const admin = { role: 'admin', attributes: attributes[0] } as const
        const client = { role: 'client', attributes: attributes[1] } as const
        const lines = [
          { line: [admin], paths: ['a'] },
          { line: [client, ...above(client, given).map(() => admin)], paths: ['a/b', 'a'] },
        ]
        for (const { line, paths } of lines) {
          const [account] = line
          const [path = ''] = paths
          const isMeant = account !== undefined && isSelected(account, to) !== (kind === 'onlyBy')
          if (!isMeant) continue
          const layers = line.flatMap((each, n) => {
            const own = paths[n] ?? ''
            const facts = { 'principal.id': own.slice(-1), 'principal.path': own }
            return layersOf(each, { ...supposedFacts('principal', each), ...facts }, given) ?? []
          })
          const caller = {
            ...supposedFacts('caller', account),
            'caller.id': path.slice(-1),
            'caller.path': path,
          }
          const rule = createLayer([requestsOf(requests, DRAWN).policy])
          const about = { kind: 'own' as const, principal: layers[0]?.principal ?? {}, layer: rule }
          for (const request of asked.filter(canBeAsked)) {
            const others = Object.entries(request.context).filter(([key]) => !key.startsWith('caller.'))
            const question = { ...request, context: { ...Object.fromEntries(others), ...caller } }
            if (decide([about], question).verdict !== 'ALLOW') continue
            const isAllowed = decide(layers, question).verdict === 'ALLOW'
            expect(isAllowed, JSON.stringify([kind, to, requests, question])).toBe(kind === 'alwaysGrants')
          }
        }
      },
    ),
    { numRuns: RUNS * 4, ...SEED },
  )
  expect(proven).toBeGreaterThan(RUNS / 2)
})

test('what a rule names of thousands of actions and patterns is not looked through, and holds nothing up', () => {
  const actions = Object.fromEntries(
    Array.from({ length: 4000 }, (_none, n) => [`A${n}`, { resources: ['sale'] }]),
  )
  const catalogue = createCatalogue([{ service: 'till', actions, resource_types: { sale: {} } }])
  const everywhere = Array.from({ length: 512 }, (_none, n) => `sale/\${principal.path}/${n}/*`)
  const [all, too] = ['*', everywhere].map((Resource) =>
    requestsOf({ Action: 'till:*', Resource }, catalogue),
  )
  if (all === undefined || too === undefined) throw new Error('no requests')
  const facts = { 'principal.id': 'a', 'principal.path': 'a' }
  const nobody = { caller: { 'caller.id': 'a' }, principal: facts, binding: KNOWN }
  const held = { ...nobody, layers: [{ ...nobody, allows: [], denies: [] }] }
  expect(isProven('neverGrants', all, held)).toBe(true)
  expect(isProven('neverGrants', too, held)).toBe(false)
  // Each pattern is read once, whatever the number of actions.
  const [first, last] = [too.policy.statements[0], too.policy.statements.at(-1)]
  expect(first?.resource).toBe(last?.resource)
  expect(last).toMatchObject({ index: 3999, action: { sources: ['till:A3999'] } })
  const asked = { id: 'a', principal: facts, context: nobody.caller, layers: [] }
  expect(findCounterexample('alwaysGrants', too, asked)).toBeUndefined()
})
