import { describe, expect, test } from 'vitest'
import { renderSarif } from '../../policies/diagnostics.ts'
import { lintSet, validateSet, type SetFile } from '../../policies/set.ts'
import { documentOf, ORDERS } from './samples.ts'

const READ = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/1"}'
const FILES: Readonly<Record<string, unknown>> = {
  'authctl.json': { set: 'acme' },
  'services/orders.json': ORDERS,
  'documents/sample.json': documentOf(READ),
  'attachments/all.json': {
    attachments: [{ to: { role: 'client' }, policies: ['sample', 'authctl:Client', 'root/base'] }],
  },
  'tests/sample_test.json': {
    principals: { p: { role: 'client', policies: ['sample'] }, q: { role: 'sub-client', creator: 'p' } },
    cases: [
      { name: 'reads', principals: ['p'], actions: 'orders:Read', resources: 'order/1', expect: 'ALLOW' },
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
      /zwei\.json:1:1 E_SID_DUP the policy sample/,
    ],
    [
      'a test of nobody',
      { 'tests/a_test.json': { principals: {}, cases: [{ ...CASE(), principals: ['x'] }] } },
      /E_REF principals names x/,
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
    for (const file of [
      'authctl.json',
      'services/orders.json',
      'attachments/all.json',
      'documents/sample.json',
    ])
      expect(found.join('\n')).toContain(`${file}:`)
  })

  test('lint says what nothing attaches', () => {
    const set = validateSet(
      filesOf({ 'attachments/all.json': undefined, 'tests/sample_test.json': undefined }),
      { own: [] },
    )
    expect(lintSet(set, { now: 0 })).toMatchObject([
      { code: 'W_NEVER_ATTACHED', file: 'documents/sample.json' },
    ])
    expect(lintSet(validateSet(filesOf(), { own: [] }), { now: 0 })).toEqual([])
  })

  test('SARIF names the rule and the place of each', () => {
    const { diagnostics } = validateSet(filesOf({ 'authctl.json': undefined }), { own: [] })
    expect(renderSarif(diagnostics)).toMatchObject({
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
