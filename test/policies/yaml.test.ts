import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { plainValue } from '../../policies/text/json.ts'
import { DIAGNOSTICS } from '../../policies/text/diagnostic-kinds.ts'
import type { Diagnostic } from '../../policies/text/diagnostics.ts'
import { validateSet, type SetFile } from '../../policies/set/read.ts'
import { validateTests } from '../../policies/set/tests.ts'
import { validateDocument } from '../../policies/validate/document.ts'
import { validateService } from '../../policies/validate/service.ts'
import { parseYaml } from '../../policies/yaml/read.ts'
import { CATALOGUE, documentOf, ORDERS } from './samples.ts'

const read = (text: string): { value: unknown; problems: string[] } => {
  const { node, problems } = parseYaml(text)
  return { value: node && plainValue(node), problems: problems.map(({ at, message }) => `${at} ${message}`) }
}

test('what JSON says is read as the same, block, flow and quoted in every way', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value))
      for (const options of [
        { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' },
        { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'QUOTE_DOUBLE', collectionStyle: 'block' },
        { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE', collectionStyle: 'flow' },
      ] as const)
        expect(read(stringify(json, options))).toEqual({ value: json, problems: [] })
      expect(read(JSON.stringify(json))).toEqual({ value: json, problems: [] })
    }),
    { numRuns: 200 },
  )
})

test('plain texts, comments and folded texts', () => {
  const text = `# of the shop
Effect: Allow # not all
Action: [orders:Read, "orders:List"]
Resource: order/\${principal.path}/*
When: 2026-01-31T08:00:00Z
Net: 10.0.0.0/8
Text: >-
  two
  lines
Total: 1.5
`
  expect(read(text)).toEqual({
    value: {
      Effect: 'Allow',
      Action: ['orders:Read', 'orders:List'],
      Resource: 'order/${principal.path}/*',
      When: '2026-01-31T08:00:00Z',
      Net: '10.0.0.0/8',
      Text: 'two lines',
      Total: 1.5,
    },
    problems: [],
  })
})

test.each([
  ['yes', /^3 yes is read as a text by some and as something else by others$/],
  ['NO', /read as a text by some/],
  ['~', /read as a text by some/],
  ['True', /read as a text by some/],
  ['012', /read as a text by some/],
  ['0x1F', /read as a text by some/],
  ['1_000', /read as a text by some/],
  ['+1', /read as a text by some/],
  ['.5', /read as a text by some/],
  ['.inf', /read as a text by some/],
  ['12:30', /read as a text by some/],
  ['', /nothing stands where a value should be/],
  ['!!str x', /^3 a tag/],
  ['&a x', /^3 an anchor is not read here/],
  ['*a', /alias|YAML/],
])('a value that readers take differently is refused: %s', (value, problem) => {
  expect(read(`a: ${value}\n`).problems).toEqual([expect.stringMatching(problem)])
})

test.each<[string, string, RegExp]>([
  ['a key that is there twice', 'a: 1\nb: 2\na: 3\n', /^10 "a" is there twice$/],
  ['a key that is no text', '? [a]\n: 1\n', /a key must be a text/],
  ['a key that may be a boolean', 'on: 1\n', /^0 on is read as a text by some/],
  ['two documents', 'a: 1\n---\nb: 2\n', /a second document begins here/],
  ['a directive', '%YAML 1.1\n---\na: yes\n', /a directive is not read here/],
  ['an anchor of what stands below it', 'a: &x\n  b: 1\n', /^3 an anchor is not read here/],
  ['a tag of what stands below it', 'a: !!map\n  b: 1\n', /^3 a tag/],
  ['a tag of its own', 'a: !mine\n  b: 1\n', /^3 this is not YAML: Unresolved tag/],
  ['a merge', 'a: &x {b: 1}\nc:\n  <<: *x\n', /an anchor is not read here/],
  ['a byte order mark', '\ufeffa: 1\n', /a byte order mark/],
  ['a tab for blanks', 'a:\n\tb: 1\n', /this is not YAML: /],
  ['a text that is not closed', 'a: "b\n', /this is not YAML: /],
  ['nothing', '', /the text ends where a value should be/],
  ['only a comment', '# nothing\n', /the text ends where a value should be/],
  ['half of a pair', 'a: "\\ud800"\n', /half of a surrogate pair/],
  ['deep nesting', '['.repeat(17) + ']'.repeat(17), /^16 nested deeper than 16 levels$/],
  ['nesting that would take the stack', '['.repeat(60_000), /nested deeper|this is not YAML/],
  ['the same, closed', '['.repeat(9000) + ']'.repeat(9000), /nested deeper than 16 levels$/],
  ['an anchor that grows', `a: &a [${'x,'.repeat(9)}x]\nb: [*a,*a,*a]\n`, /an anchor is not read here/],
])('%s is refused', (_what, text, problem) => {
  expect(read(text).problems[0]).toMatch(problem)
})

/** What is said of a file, without where. */
const said = (diagnostics: readonly Diagnostic[]): object[] =>
  diagnostics.map(({ code, severity, message, hint, suggestion }) => ({
    code,
    severity,
    message,
    hint,
    suggestion,
  }))

const WITHOUT_JSON = Object.entries(DIAGNOSTICS).filter(
  ([code, { example }]) => !['E_JSON', 'E_DUP_KEY'].includes(code) && !example.startsWith('{"attachments"'),
)

describe('the same is said of both', () => {
  test.each(WITHOUT_JSON)('%s', (_code, { example }) => {
    const isService = example.startsWith('{"service"')
    const isTests = example.startsWith('{"principals"')
    const json = isService || isTests || example.startsWith('{"Version"') ? example : documentOf(example)
    const yaml = stringify(JSON.parse(json), { defaultStringType: 'QUOTE_DOUBLE' })
    const check = (text: string, parse?: typeof parseYaml): readonly Diagnostic[] => {
      const options = { file: 'a', catalogue: CATALOGUE, isAttachable: () => true, names: [], parse }
      if (isService) return validateService(text, options).diagnostics
      return (isTests ? validateTests : validateDocument)(text, options).diagnostics
    }
    expect(said(check(yaml, parseYaml))).toEqual(said(check(json)))
  })

  test('of a key that is there twice', () => {
    const { diagnostics } = validateService('service: a\nservice: a\nactions: {}\nresource_types: {}\n', {
      file: 'a',
      parse: parseYaml,
    })
    const json = '{"service": "a", "service": "a", "actions": {}, "resource_types": {}}'
    expect(said(diagnostics)).toEqual(said(validateService(json, { file: 'a' }).diagnostics))
  })
})

test('a set of YAML files is a set, and its diagnostics stand where the element is written', () => {
  const yaml = (path: string, text: string): SetFile => ({ path, text, parse: parseYaml })
  const files: SetFile[] = [
    { path: 'authctl.json', text: '{"set": "acme"}' },
    yaml('services/orders.yaml', stringify(ORDERS)),
    yaml(
      'documents/clerk.yaml',
      'Version: authctl/1\nId: clerk\nStatement:\n  - Sid: Read # all of it\n    Effect: Allow\n    Action: orders:Raed\n    Resource: order/1\n',
    ),
    yaml('attachments/all.yml', 'attachments:\n  - to: {role: client}\n    policies: [clerk, cleark]\n'),
    yaml(
      'tests/a_test.yaml',
      'principals: {p: {role: client}}\ncases:\n  - name: x\n    principals: [p]\n    actions: orders:List\n    resources: order/1\n    expect: DENY\n',
    ),
  ]
  const found = validateSet(files, { own: [] }).diagnostics
  expect(found.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`)).toEqual([
    'documents/clerk.yaml:6:13 E_ACTION_UNKNOWN',
    'attachments/all.yml:3:23 E_REF',
    'tests/a_test.yaml:7:13 E_VALUE',
  ])
})
