import { globSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { formatJson, saysTheSame } from '../../policies/text/format.ts'
import { parseJson, plainValue } from '../../policies/text/json.ts'
import { formatYaml } from '../../policies/yaml/format.ts'
import { parseYaml } from '../../policies/yaml/read.ts'
import { readSource, ROOT } from '../support/source-files.ts'

const STATEMENT = {
  Resource: ['order/${principal.path}/*', 'order/a'],
  Condition: { StringEquals: { 'caller.id': 'a' } },
  Action: 'orders:Read',
  Effect: 'Allow',
  Sid: 'Read',
}

test('elements come in the order of the reference; maps and lists stay as they are', () => {
  const text = JSON.stringify({ Statement: [STATEMENT], Id: 'x', Version: 'authctl/1' })
  expect(formatJson(text)).toBe(`{
  "Version": "authctl/1",
  "Id": "x",
  "Statement": [
    {
      "Sid": "Read",
      "Effect": "Allow",
      "Action": "orders:Read",
      "Resource": ["order/\${principal.path}/*", "order/a"],
      "Condition": { "StringEquals": { "caller.id": "a" } }
    }
  ]
}
`)
  expect(
    formatJson(
      '{"service":"a","resource_types":{"b":{},"a":{}},"actions":{"Z":{"resources":"b"},"A":{"keys":[],"resources":"a"}}}',
    ),
  ).toBe(
    '{\n  "service": "a",\n  "actions": { "Z": { "resources": "b" }, "A": { "resources": "a", "keys": [] } },\n  "resource_types": { "b": {}, "a": {} }\n}\n',
  )
})

test('an object that was spread over lines stays so, and numbers stay as they are written', () => {
  expect(formatJson('{\n"set": "a"}')).toBe('{\n  "set": "a"\n}\n')
  expect(formatJson('{"set":   "a"}')).toBe('{ "set": "a" }\n')
  expect(formatJson('[1.10, 1e3, "\\u00e9"]')).toBe('[1.10, 1e3, "é"]\n')
})

test.each(['{"a": 1, "a": 2}', '{"a": 1,}', '', '{"a": "\\ud800"}'])(
  'what cannot be read is not formatted: %s',
  (text) => {
    expect(formatJson(text)).toBeUndefined()
  },
)

test('the same twice changes nothing, and it is read as the same, whatever it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 4), (value, indent) => {
      const text = JSON.stringify(value, null, indent)
      const formatted = formatJson(text)
      if (formatted === undefined) throw new Error('not formatted')
      expect(formatJson(formatted)).toBe(formatted)
      expect(JSON.parse(formatted)).toEqual(JSON.parse(text))
      expect(saysTheSame(text, formatted, parseJson)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test.each(globSync('examples/policies/**/*.json', { cwd: ROOT }))('%s is in the one form', (path) => {
  expect(formatJson(readSource(path))).toBe(readSource(path))
})

describe('YAML', () => {
  test('comments stay with what they are about', () => {
    const text = `# what clerks may do
Statement:
  # only their own
  - Resource: order/\${principal.path}/* # below them
    Effect:   Allow
    Action: [orders:Read]

# the name
Id: clerk
Version: authctl/1
`
    const formatted = formatYaml(text) ?? ''
    expect(formatted).toMatch(/^Version: authctl\/1\n(?:\n)?# the name\nId: clerk\n/m)
    expect(formatted).toContain(
      '  # only their own\n  - Effect: Allow\n    Action: [orders:Read]\n    Resource: order/${principal.path}/* # below them\n',
    )
    for (const comment of ['# what clerks may do', '# the name']) expect(formatted).toContain(comment)
    expect(formatYaml(formatted)).toBe(formatted)
  })

  test('what is read otherwise afterwards is not written', () => {
    for (const text of ['a: yes\n', 'a: &x 1\n', 'a: 1\na: 2\n']) expect(formatYaml(text)).toBeUndefined()
  })

  test('it is read as the same, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const json: unknown = JSON.parse(JSON.stringify(value))
        const text = stringify(json, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'QUOTE_DOUBLE' })
        const formatted = formatYaml(text)
        if (formatted === undefined) return
        const { node } = parseYaml(formatted)
        expect(node && plainValue(node)).toEqual(json)
      }),
      { numRuns: 100 },
    )
  })
})
