import { describe, expect, test } from 'vitest'
import { findingsOf, renderSarif } from '../../policies/text/sarif.ts'
import { lintSet } from '../../policies/set/lint.ts'
import { validateSet, type SetFile } from '../../policies/set/read.ts'
import { documentOf, ORDERS } from './samples.ts'

const READ = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/1"}'
const FILES: Readonly<Record<string, unknown>> = {
  'authctl.json': { set: 'acme' },
  'services/orders.json': ORDERS,
  'documents/sample.json': documentOf(READ),
  'attachments/all.json': {
    attachments: [{ to: { role: 'admin' }, policies: ['sample', 'authctl:Client', 'root/base'] }],
  },
  'tests/sample_test.json': {
    principals: { p: { role: 'client', policies: ['sample'] }, q: { role: 'sub-client', creator: 'p' } },
    cases: [
      {
        name: 'reads',
        principals: ['p'],
        actions: 'orders:Read',
        resources: 'order/1',
        context: { 'orders.total': 1 },
        expect: 'ALLOW',
      },
    ],
  },
}

const filesOf = (changes: Readonly<Record<string, unknown>> = {}): SetFile[] =>
  Object.entries({ ...FILES, ...changes })
    .filter(([, content]) => content !== undefined)
    .map(([path, content]) => ({
      path,
      text: typeof content === 'string' ? content : JSON.stringify(content),
    }))

const check = (changes?: Readonly<Record<string, unknown>>): string[] =>
  validateSet(filesOf(changes), { own: [] }).diagnostics.map(
    ({ file, line, column, code, message, suggestion }) =>
      `${file}:${line}:${column} ${code} ${message}${suggestion === null ? '' : ` (${suggestion}?)`}`,
  )

describe('a set of files', () => {
  test('a good one', () => {
    const set = validateSet(filesOf(), { own: [] })
    expect(set.diagnostics).toEqual([])
    expect(set).toMatchObject({
      name: 'acme',
      services: [{ service: 'orders' }],
      attachments: [{}],
      tests: [{}],
    })
    expect(set.documents).toMatchObject([
      { file: 'documents/sample.json', writtenAt: ['documents/sample.json:2:1'] },
    ])
  })

  test('of a folder without authctl.json that alone is said, and not that its other files have no place', () => {
    const files = filesOf({ 'authctl.json': undefined, 'src/data.json': '{}' })
    expect(validateSet(files, { own: [] }).diagnostics).toMatchObject([{ code: 'E_REF' }])
  })

  test.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['no authctl.json', { 'authctl.json': undefined }, /^authctl\.json:1:1 E_REF/],
    ['an owner without a name', { 'authctl.json': {} }, /E_VALUE set must be/],
    ['a file in no known place', { 'policies/x.json': '{}' }, /policies\/x\.json:1:1 E_VALUE no place/],
    [
      'an attachment of what is not there',
      { 'attachments/all.json': '{"attachments": [\n{"to": {"role": "client"}, "policies": ["sampel"]}]}' },
      /attachments\/all\.json:2:41 E_REF there is no policy sampel here \(sample\?\)/,
    ],
    [
      'a managed policy that is not there',
      { 'attachments/all.json': { attachments: [{ to: { role: 'client' }, policies: ['authctl:Klient'] }] } },
      /E_REF .*authctl:Klient/,
    ],
    [
      'two policies of one name',
      { 'documents/zwei.json': documentOf(READ) },
      /zwei\.json:1:32 E_VALUE the policy sample is also in documents\/sample\.json/,
    ],
    [
      'a policy of a name that the server keeps for a path of its own',
      { 'documents/shadow.json': documentOf(READ).replace('sample', 'shadow') },
      /shadow\.json:1:32 E_VALUE the name shadow is reserved$/,
    ],
    [
      'a test of nobody',
      { 'tests/a_test.json': { principals: {}, cases: [{ ...CASE(), principals: ['x'] }] } },
      /E_REF principals names x/,
    ],
    [
      'more attachments than a namespace has, in all files together',
      Object.fromEntries(
        ['a', 'b', 'c'].map((name, file) => [
          `attachments/${name}.json`,
          {
            attachments: Array.from({ length: 300 }, (_value, i) => ({
              to: { id: `cli_${file}x${i}` },
              policies: 'sample',
            })),
          },
        ]),
      ),
      /^attachments\/b\.json:1:1 E_LIMIT with this file the set has more than 500 attachments$/,
    ],
    [
      'two services of one name',
      { 'services/zwei.json': ORDERS },
      /zwei\.json:1:12 E_VALUE the service orders is also in services\/orders\.json/,
    ],
    [
      'a test below nobody',
      { 'tests/a_test.json': { principals: { q: { role: 'client', creator: 'x' } }, cases: [] } },
      /E_REF creator names x/,
    ],
  ])('%s', (_what, changes, expected) => {
    expect(check(changes).join('\n')).toMatch(expected)
  })

  test('errors of all files come together', () => {
    const found = check({
      'authctl.json': '{',
      'services/orders.json': '[]',
      'attachments/all.json': '{"a": 1}',
    })
    for (const file of ['authctl.json', 'services/orders.json', 'attachments/all.json'])
      expect(found.join('\n')).toContain(`${file}:`)
  })

  test.each<[string, Readonly<Record<string, unknown>>, RegExp[]]>([
    [
      'a document that is invalid can still be attached and tested',
      {
        'documents/sample.json': documentOf('{"Effect": "Permit", "Action": "orders:Read", "Resource": "*"}'),
      },
      [/^documents\/sample\.json:2:12 E_EFFECT/],
    ],
    [
      'so can one that is no JSON',
      { 'documents/sample.json': documentOf(`${READ},`) },
      [/^documents\/sample\.json:3:1 E_JSON/],
    ],
    [
      'one without a name may be any that is named, but none that comes with authctl',
      {
        'documents/sample.json': '{"Version": "authctl/1"}',
        'attachments/all.json': {
          attachments: [{ to: { role: 'client' }, policies: ['sample', 'authctl:Klient'] }],
        },
      },
      [/sample\.json.*E_VALUE/, /sample\.json.*E_VALUE/, /E_REF there is no policy authctl:Klient/],
    ],
    [
      'actions of a service that is invalid are not unknown',
      { 'services/orders.json': { ...ORDERS, descripton: 'x' } },
      [/^services\/orders\.json:1:\d+ E_UNKNOWN_KEY/],
    ],
    [
      'nor are those of one that is no JSON; those of other services are',
      {
        'services/orders.json': '{"service": "orders",}',
        'documents/sample.json': documentOf(
          READ,
          '{"Effect": "Allow", "Action": "places:Raed", "Resource": "*"}',
        ),
      },
      [/^services\/orders\.json:1:\d+ E_JSON/, /^documents\/sample\.json:3:31 E_ACTION_UNKNOWN/],
    ],
  ])('what is wrong in one file is said once: %s', (_what, changes, expected) => {
    expect(check(changes)).toEqual(expected.map((pattern) => expect.stringMatching(pattern) as string))
  })

  test('lint says what nothing attaches', () => {
    const set = validateSet(
      filesOf({ 'attachments/all.json': undefined, 'tests/sample_test.json': undefined }),
      { own: [] },
    )
    expect(lintSet(set, { now: 0 })).toMatchObject([
      { code: 'W_NEVER_ATTACHED', file: 'documents/sample.json', line: 1, column: 32 },
    ])
    expect(lintSet(validateSet(filesOf(), { own: [] }), { now: 0 })).toEqual([])
  })

  test.each<[string, object]>([
    ['by one name', { policies: 'sample' }],
    ['in a list', { policies: ['authctl:Client', 'sample'] }],
    ['by its name with the namespace', { policies: ['adm_1/sample'] }],
    ['as a boundary', { boundary: 'sample' }],
    ['in a file of attachments that is invalid', { policies: 'sample', boundery: 'x' }],
  ])('a policy is attached %s', (_how, attached) => {
    const set = validateSet(
      filesOf({ 'attachments/all.json': { attachments: [{ to: { role: 'admin' }, ...attached }] } }),
      { own: [] },
    )
    expect(lintSet(set, { now: 0 })).toEqual([])
  })

  test('lint stands at the element', () => {
    const wide = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}'
    const set = validateSet(filesOf({ 'documents/sample.json': documentOf(READ, wide) }), { own: [] })
    expect(lintSet(set, { now: 0 })).toMatchObject([
      { code: 'W_REDUNDANT_STATEMENT', file: 'documents/sample.json', line: 2, column: 1 },
      { code: 'W_BROAD_RESOURCE', file: 'documents/sample.json', line: 3, column: 46 },
    ])
  })

  test('each of the messages has a hint that fits', () => {
    const hint = (changes: Readonly<Record<string, unknown>>): string | undefined =>
      validateSet(filesOf(changes), { own: [] }).diagnostics[0]?.hint
    const attaching = (to: object): Readonly<Record<string, unknown>> => ({
      'attachments/all.json': { attachments: [{ to, policies: 'sample' }] },
    })
    expect(hint({ 'authctl.json': undefined })).toMatch(/^Create it/)
    expect(hint({ 'documents/zwei.json': documentOf(READ) })).toMatch(/^Give one of them another name/)
    expect(hint(attaching({}))).toMatch(/^Name one account by its id or username/)
    expect(hint(attaching({ id: 'cli_1', attributes: { a: 1 } }))).toMatch(/^Name the role/)
    expect(hint(attaching({ role: 'tenant' }))).toMatch(/^Write what the message asks for/)
  })

  test('SARIF encodes paths, and says that columns count code units', () => {
    const found = validateSet(filesOf({ 'documents/a b%ü#?.json': '{' }), { own: [] }).diagnostics
    const sarif = JSON.stringify(renderSarif(findingsOf(found)))
    expect(sarif).toContain('"uri":"documents/a%20b%25%C3%BC%23%3F.json"')
    expect(sarif).toContain('"columnKind":"utf16CodeUnits"')
  })

  test('SARIF names the rule and the place of each', () => {
    const { diagnostics } = validateSet(filesOf({ 'authctl.json': undefined }), { own: [] })
    expect(renderSarif(findingsOf(diagnostics))).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'authctl', rules: [{ id: 'E_REF' }] } },
          results: [
            {
              ruleId: 'E_REF',
              level: 'error',
              locations: [
                { physicalLocation: { artifactLocation: { uri: 'authctl.json' }, region: { startLine: 1 } } },
              ],
            },
          ],
        },
      ],
    })
  })
})

function CASE(): object {
  return { name: 'x', principals: [], actions: 'orders:Read', resources: 'order/1', expect: 'ALLOW' }
}
