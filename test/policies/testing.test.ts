import { expect, test } from 'vitest'
import { validateSet, type PolicySet } from '../../policies/set/read.ts'
import { mutantsOf } from '../../policies/testing/mutants.ts'
import {
  currentSnapshots,
  mutateSet,
  reaches,
  renderJunit,
  renderLcov,
  runTests,
} from '../../policies/testing/index.ts'
import type { Statement } from '../../policies/language.ts'

const NOW = Date.parse('2026-06-01T12:00:00Z')
const SERVICE = {
  service: 'shop',
  actions: {
    Read: { resources: ['order'] },
    Refund: { resources: ['order'], keys: ['shop.total', 'shop.tags'] },
    Ship: { resources: ['parcel'] },
  },
  resource_types: { order: {}, parcel: {} },
  context_keys: {
    'shop.total': { type: 'number', always: true },
    'shop.tags': { type: 'set<string>', always: false },
  },
}
const CLERK: Statement[] = [
  { Sid: 'Read', Effect: 'Allow', Action: 'shop:Read', Resource: 'order/${principal.path}/*' },
  {
    Sid: 'Small',
    Effect: 'Allow',
    Action: 'shop:Refund',
    Resource: 'order/${principal.path}/*',
    Condition: { NumericLessThanEquals: { 'shop.total': 500 } },
  },
]
const CAP: Statement[] = [
  { Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' },
  { Sid: 'Money', Effect: 'Deny', Action: 'shop:Refund', Resource: '*' },
]
const PRINCIPALS = {
  acme: { role: 'admin' },
  shop: { role: 'client', creator: 'acme' },
  trial: { role: 'client', creator: 'acme', attributes: { tier: 'trial' } },
}

interface Parts {
  readonly clerk?: readonly Statement[]
  readonly cap?: readonly Statement[]
  readonly principals?: object
}

const setOf = (
  tests: object,
  { clerk = CLERK, cap = CAP, principals = PRINCIPALS }: Parts = {},
): PolicySet => {
  const file = (path: string, content: object) => ({ path, text: JSON.stringify(content, null, 1) })
  const document = (Id: string, Statement: readonly Statement[]) =>
    file(`documents/${Id}.json`, { Version: 'authctl/1', Id, Statement })
  return validateSet([
    file('authctl.json', { set: 'acme' }),
    file('services/shop.json', SERVICE),
    document('clerk', clerk),
    document('cap', cap),
    file('attachments/roles.json', {
      attachments: [
        { to: { role: 'admin' }, policies: 'clerk' },
        { to: { role: 'client' }, policies: 'clerk' },
        { to: { role: 'client', attributes: { tier: 'trial' } }, boundary: 'cap' },
        { to: { username: 'ROBIN' }, policies: 'clerk' },
      ],
    }),
    file('tests/a_test.json', { principals, ...tests }),
  ])
}

const sound = (tests: object, parts?: Parts): PolicySet => {
  const set = setOf(tests, parts)
  expect(set.diagnostics).toEqual([])
  return set
}

const caseOf = (more: object): object => ({
  cases: [
    {
      name: 'x',
      principals: 'shop',
      actions: 'shop:Refund',
      resources: 'order/acme/shop/1',
      context: { 'shop.total': 100 },
      expect: 'ALLOW',
      ...more,
    },
  ],
})

const failed = (tests: object, parts?: Parts): string[] =>
  runTests(sound(tests, parts), { now: NOW }).results.flatMap((result) =>
    result.failed.map(
      (each) => `${each.principal} ${each.action} ${each.resource}: ${each.expected}, ${each.actual}`,
    ),
  )

test.each<[string, object]>([
  ['a verdict', {}],
  ['the statement that allows', { statement: 'clerk/Small' }],
  ['its policy alone', { statement: 'clerk' }],
  ['the layer of the statement that allows', { statement: 'clerk/Small', layer: 'own of acme' }],
  [
    'a Deny of a boundary',
    {
      principals: 'trial',
      resources: 'order/acme/trial/1',
      expect: 'DENY_EXPLICIT',
      statement: 'cap/Money',
      layer: 'boundary of trial',
    },
  ],
  [
    'the layer that lacks an Allow',
    {
      context: { 'shop.total': 501 },
      expect: 'DENY_IMPLICIT',
      layer: 'own of shop',
    },
  ],
  [
    'a type that the action is not about',
    {
      resources: 'parcel/1',
      expect: 'DENY_IMPLICIT',
    },
  ],
])('a case expects %s', (_what, more) => {
  expect(failed(caseOf(more))).toEqual([])
})

test.each<[string, object]>([
  ['another verdict', { expect: 'DENY_IMPLICIT' }],
  ['another statement', { statement: 'clerk/Read' }],
  ['another policy', { statement: 'cap' }],
  ['another layer of the Allow', { statement: 'clerk/Small', layer: 'boundary of shop' }],
  ['another kind of denial', { context: { 'shop.total': 501 }, expect: 'DENY_EXPLICIT' }],
  [
    'another layer of the denial',
    {
      context: { 'shop.total': 501 },
      expect: 'DENY_IMPLICIT',
      layer: 'own of acme',
    },
  ],
  [
    'another statement that denies',
    {
      principals: 'trial',
      resources: 'order/acme/trial/1',
      expect: 'DENY_EXPLICIT',
      statement: 'cap/All',
    },
  ],
])('a case fails by %s', (_what, more) => {
  expect(failed(caseOf(more))).toHaveLength(1)
})

test('every combination of a case is asked, and each failure explains itself by the place in the policy', () => {
  const set = sound(
    caseOf({ principals: ['shop', 'trial', 'acme'], resources: ['order/acme/shop/1', 'order/acme/shop/2'] }),
  )
  const run = runTests(set, { now: NOW })
  expect(run).toMatchObject({
    questions: 6,
    results: [{ questions: 6, failedTotal: 2, line: 19, column: 3 }],
  })
  const [first] = run.results[0]?.failed ?? []
  expect(first).toMatchObject({ principal: 'trial', actual: 'DENY_EXPLICIT' })
  expect(first?.explanation.decided_by?.statement).toMatchObject({
    policy: 'cap',
    sid: 'Money',
    source: 'documents/cap.json:11:3',
  })
})

const MATRIX = {
  name: 'who reads whose',
  principals: ['acme', 'shop', 'trial'],
  actions: 'shop:Read',
  resources: ['order/acme/shop/1', 'order/acme/trial/1', 'order/other/1'],
}

test('a matrix: what is listed must be allowed, and everything else denied', () => {
  const listed = [
    { principals: 'acme', resources: ['order/acme/shop/1', 'order/acme/trial/1'] },
    { principals: 'shop', resources: 'order/acme/shop/1' },
    { principals: 'trial', resources: 'order/acme/trial/1' },
  ]
  expect(failed({ matrices: [{ ...MATRIX, allow: listed }] })).toEqual([])
  expect(failed({ matrices: [{ ...MATRIX, allow: listed.slice(0, 2) }] })).toEqual([
    'trial shop:Read order/acme/trial/1: DENY, ALLOW',
  ])
  expect(
    failed({ matrices: [{ ...MATRIX, allow: [...listed, { resources: 'order/other/1' }] }] }),
  ).toHaveLength(3)
})

const WHO = { name: 'who reads', action: 'shop:Read', resource: 'order/acme/shop/1' }

test('a snapshot of who can is exact, and the current one is what --update writes', () => {
  expect(failed({ whoCan: [{ ...WHO, principals: ['shop', 'acme'] }] })).toEqual([])
  expect(failed({ whoCan: [{ ...WHO, principals: ['acme'] }] })).toHaveLength(1)
  const stale = sound({
    whoCan: [
      { ...WHO, principals: [] },
      { ...WHO, resource: 'order/x/1', principals: ['acme'] },
    ],
  })
  expect([...currentSnapshots(stale, { now: NOW })]).toEqual([['tests/a_test.json', [['acme', 'shop'], []]]])
})

test('the clock is that of the test, or else of the run', () => {
  const cap: Statement[] = [
    {
      Effect: 'Allow',
      Action: 'shop:*',
      Resource: '*',
      Condition: { DateLessThan: { 'request.time': '2027-01-01T00:00:00Z' } },
    },
  ]
  const at = (more: object) =>
    failed(caseOf({ principals: 'trial', resources: 'order/acme/trial/1', ...more }), { cap })
  expect(at({})).toEqual([])
  expect(at({ clock: '2027-01-01T00:00:00Z' })).toHaveLength(1)
})

test('an account is selected as the daemon does: by its username whatever the case, by no attribute of a prototype', () => {
  const principals = { ...PRINCIPALS, robin: { role: 'user' }, kim: { role: 'user' } }
  const read = { actions: 'shop:Read', resources: ['order/robin/1'], context: {} }
  expect(failed(caseOf({ ...read, principals: 'robin' }), { principals })).toEqual([])
  expect(
    failed(caseOf({ ...read, principals: 'kim', resources: 'order/kim/1', expect: 'DENY_IMPLICIT' }), {
      principals,
    }),
  ).toEqual([])
})

test.each<[string, object, RegExp]>([
  [
    'a misspelt action',
    { actions: 'shop:Refnud' },
    /E_ACTION_UNKNOWN no service declares "shop:Refnud" \(shop:Refund\?\)/,
  ],
  ['a pattern for a resource', { resources: 'order/*' }, /E_RESOURCE_SYNTAX/],
  ['a misspelt key', { context: { 'shop.totl': 1, 'shop.total': 1 } }, /E_KEY_UNKNOWN .*\(shop.total\?\)/],
  ['a value of another type', { context: { 'shop.total': 'many' } }, /E_VALUE shop.total must be a number/],
  ['a missing key', { context: {} }, /E_VALUE the context lacks shop.total/],
  ['what the server says', { context: { 'caller.id': 'x', 'shop.total': 1 } }, /E_VALUE caller.id follows/],
  ['a statement of an implicit denial', { expect: 'DENY_IMPLICIT', statement: 'clerk' }, /E_EXCLUSIVE/],
  ['a layer of nobody', { layer: 'own of shopp' }, /E_REF layer names shopp.*\(shop\?\)/],
  ['a layer of no kind', { layer: 'session of shop' }, /E_VALUE layer must be/],
])('a question that the daemon would refuse is an error of the file: %s', (_what, more, found) => {
  const texts = setOf(caseOf(more)).diagnostics.map(
    ({ code, message, suggestion }) => `${code} ${message} (${suggestion ?? ''}?)`,
  )
  expect(texts).toEqual([expect.stringMatching(found)])
})

test('what a matrix allows is of the matrix', () => {
  const found = setOf({ matrices: [{ ...MATRIX, allow: [{ principals: 'tril' }] }] }).diagnostics
  expect(found).toMatchObject([{ code: 'E_REF', suggestion: 'trial' }])
})

test('a file of tests asks something', () => {
  expect(setOf({}).diagnostics).toMatchObject([{ code: 'E_VALUE', hint: 'Add cases, matrices or whoCan.' }])
})

test('coverage: what decided, what only matched or nearly did, each outcome of a condition, actions', () => {
  const { coverage } = runTests(sound(caseOf({ context: { 'shop.total': 501 }, expect: 'DENY_IMPLICIT' })), {
    now: NOW,
  })
  expect(
    coverage.statements.map(({ statement, matched, decided, nearly }) => ({
      statement,
      matched,
      decided,
      nearly,
    })),
  ).toEqual([
    { statement: 'All', matched: 0, decided: 0, nearly: 0 },
    { statement: 'Money', matched: 0, decided: 0, nearly: 0 },
    { statement: 'Read', matched: 0, decided: 0, nearly: 0 },
    { statement: 'Small', matched: 0, decided: 0, nearly: 2 },
  ])
  expect(coverage.statements[3]?.conditions).toEqual([
    { operator: 'NumericLessThanEquals', key: 'shop.total', whenTrue: 0, whenFalse: 2, line: 18, column: 6 },
  ])
  expect(coverage).toMatchObject({
    decided: { covered: 0, total: 4 },
    outcomes: { covered: 1, total: 2 },
    actions: { covered: 1, total: 3 },
    untestedActions: ['shop:Read', 'shop:Ship'],
  })
})

test('a threshold is exact: nothing is rounded', () => {
  expect(reaches({ covered: 2, total: 3 }, 66)).toBe(true)
  expect(reaches({ covered: 2, total: 3 }, 67)).toBe(false)
  expect(reaches({ covered: 999_999, total: 1_000_000 }, 100)).toBe(false)
  expect(reaches({ covered: 0, total: 0 }, 100)).toBe(true)
})

test('lcov has a line for each statement and two branches for each condition; a path is as it is given', () => {
  const { coverage } = runTests(sound(caseOf({})), { now: NOW })
  const text = renderLcov(coverage, (file) => `x/${file}`)
  expect(text).toContain(
    'SF:x/documents/clerk.json\nBRDA:18,1,0,2\nBRDA:18,1,1,0\nBRF:2\nBRH:1\nDA:5,0\nDA:11,2\nLF:2\nLH:1\nend_of_record\n',
  )
})

test('JUnit has a suite for each file, and nothing in it can leave its element', () => {
  const run = runTests(sound(caseOf({ name: '<a & "b">\u0007', expect: 'DENY_IMPLICIT' })), { now: NOW })
  const text = renderJunit(run, () => ']]></failure>\nsecond')
  expect(text).toContain('<testsuite name="tests/a_test.json" tests="1" failures="1" errors="0" skipped="0">')
  expect(text).toContain('name="&lt;a &amp; &quot;b&quot;&gt;\ufffd"')
  expect(text).toContain(']]&gt;&lt;/failure&gt;\nsecond</failure>')
})

const changesOf = (statement: Statement): string[] =>
  [...mutantsOf({ Version: 'authctl/1', Id: 'x', Statement: [statement] })].map(
    ({ pointer, change }) => `${pointer} ${change}`,
  )

test.each<[string, Partial<Statement>, string]>([
  ['a Deny that is gone', { Effect: 'Deny' }, ' without this Deny'],
  ['an effect that is flipped', {}, '/Effect Deny instead of Allow'],
  ['a wider action', { Action: ['shop:Read', 'shop:Ship'] }, '/Action/1 shop:* instead of shop:Ship'],
  ['a wider resource', { Resource: 'order/a/b' }, '/Resource order/a/* instead of order/a/b'],
  ['a wider directory', { Resource: 'order/a/*' }, '/Resource order/* instead of order/a/*'],
  ['a value less', { Action: ['shop:Read', 'shop:Ship'] }, '/Action/0 without shop:Read'],
  [
    'no condition',
    { Condition: { Bool: { 'request.mfa': true } } },
    '/Condition/Bool/request.mfa without this condition',
  ],
  [
    'no IfExists',
    { Condition: { BoolIfExists: { 'request.mfa': true } } },
    '/Condition/BoolIfExists/request.mfa without IfExists',
  ],
  [
    'values that are one',
    { Condition: { StringEquals: { 'caller.id': ['a', 'b'] } } },
    '/Condition/StringEquals/caller.id a,b as one value',
  ],
  [
    'a bound less',
    { Condition: { NumericLessThan: { 'shop.total': 0.5 } } },
    '/Condition/NumericLessThan/shop.total -0.5 instead of 0.5',
  ],
  [
    'a bound more',
    { Condition: { NumericLessThan: { 'shop.total': 0.5 } } },
    '/Condition/NumericLessThan/shop.total 1.5 instead of 0.5',
  ],
  [
    'a second more',
    { Condition: { DateLessThan: { 'request.time': '2026-01-01T00:00:00Z' } } },
    '/Condition/DateLessThan/request.time 2026-01-01T00:00:01.000Z instead of 2026-01-01T00:00:00Z',
  ],
  [
    'the other side in a variable',
    { Resource: 'order/${principal.path}/*' },
    '/Resource principal and caller swapped',
  ],
  [
    'the other side in a key',
    { Condition: { StringEquals: { 'caller.id': 'a' } } },
    '/Condition/StringEquals/caller.id principal and caller swapped',
  ],
])('a mistake: %s', (_what, more, change) => {
  expect(changesOf({ Effect: 'Allow', Action: 'shop:Read', Resource: 'order/x', ...more })).toContain(change)
})

const ask = (name: string, more: object): object => ({
  name,
  principals: 'shop',
  actions: 'shop:Refund',
  resources: 'order/acme/shop/1',
  context: { 'shop.total': 1 },
  expect: 'ALLOW',
  ...more,
})

test('mistakes that no test notices survive, and tests that look at the edges leave none', () => {
  const few = mutateSet(sound({ cases: [ask('one', {})] }), { now: NOW })
  expect(few.survivors).toContainEqual({
    file: 'documents/clerk.json',
    line: 18,
    column: 6,
    policy: 'clerk',
    statement: 'Small',
    change: '501 instead of 500',
  })
  const trial = { principals: 'trial', resources: 'order/acme/trial/1' }
  const cases = [
    ask('at the limit', { context: { 'shop.total': 500 } }),
    ask('beyond', { context: { 'shop.total': 501 }, expect: 'DENY_IMPLICIT' }),
    ask('of another', { resources: 'order/acme/trial/1', expect: 'DENY_IMPLICIT' }),
    ask('of another', { resources: 'order/other/1', principals: 'acme', expect: 'DENY_IMPLICIT' }),
    ask('reads', { actions: 'shop:Read', expect: 'ALLOW' }),
    ask('a trial reads', { ...trial, actions: 'shop:Read' }),
    ask('a trial gives nothing back', { ...trial, expect: 'DENY_EXPLICIT', statement: 'cap/Money' }),
    ask('reads of another', {
      actions: 'shop:Read',
      resources: 'order/acme/trial/1',
      expect: 'DENY_IMPLICIT',
    }),
    ask('does not ship', { actions: 'shop:Ship', resources: 'parcel/acme/shop/1', expect: 'DENY_IMPLICIT' }),
  ]
  const { mutants, survivors } = mutateSet(sound({ cases }), { now: NOW })
  expect(mutants).toBeGreaterThan(12)
  // Each of these means the same here: no other action is about orders, and everybody below has the policy
  // too.
  expect(survivors.map(({ statement, change }) => `${statement} ${change}`)).toEqual([
    'Read principal and caller swapped',
    'Small shop:* instead of shop:Refund',
    'Small principal and caller swapped',
  ])
})

test('a thousand questions are answered well within a second', () => {
  const cases = Array.from({ length: 1000 }, (_value, i) =>
    ask(`case ${i}`, { context: { 'shop.total': i % 500 } }),
  )
  const set = sound({ cases })
  const start = performance.now()
  expect(runTests(set, { now: NOW })).toMatchObject({ questions: 1000, results: { length: 1000 } })
  expect(performance.now() - start).toBeLessThan(1000)
})

test('a value that a Deny could not read is no answer: the daemon refuses such a question', () => {
  const cap: Statement[] = [
    { Effect: 'Allow', Action: 'shop:*', Resource: '*' },
    {
      Effect: 'Deny',
      Action: 'shop:Refund',
      Resource: '*',
      Condition: { NumericGreaterThan: { 'resource.sum': 5 } },
    },
  ]
  const failing = (sum: string | number): string[] =>
    failed(
      caseOf({
        principals: 'trial',
        resources: 'order/acme/trial/1',
        context: { 'shop.total': 1, 'resource.sum': sum },
      }),
      { cap },
    )
  expect(failing(5)).toEqual([])
  expect(failing('5,000')).toHaveLength(1)
})

test('an attribute that a Deny cannot read meets it, as it does in the daemon', () => {
  const cap: Statement[] = [
    { Effect: 'Allow', Action: 'shop:*', Resource: '*' },
    {
      Effect: 'Deny',
      Action: 'shop:Refund',
      Resource: '*',
      Condition: { NumericGreaterThan: { 'caller.attributes.limit': 5 } },
    },
  ]
  const failing = (limit: string | number): string[] => {
    const principals = { shop: { role: 'client', attributes: { limit }, policies: ['cap'] } }
    return failed(caseOf({ expect: 'DENY_EXPLICIT' }), { cap, principals })
  }
  expect([failing(5).length, failing(6).length, failing('5,000').length]).toEqual([1, 0, 0])
})

test('what the daemon does not say of a request is not there: whether a second factor was used', () => {
  const cap: Statement[] = [
    { Effect: 'Allow', Action: 'shop:*', Resource: '*', Condition: { Null: { 'request.mfa': true } } },
  ]
  expect(failed(caseOf({ principals: 'trial', resources: 'order/acme/trial/1' }), { cap })).toEqual([])
})
