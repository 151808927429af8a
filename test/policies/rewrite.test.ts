import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { parseJson, plainValue } from '../../policies/text/json.ts'
import { rewriteJson } from '../../policies/text/rewrite.ts'
import { meansTheSame } from '../../policies/text/same-meaning.ts'
import { parseYaml } from '../../policies/yaml/read.ts'
import { rewriteYaml } from '../../policies/yaml/rewrite.ts'
import { anyLayer } from './arbitraries.ts'

const DOCUMENT = `{
  "Version": "authctl/1", "Id": "clerk",
  "Statement": [
    {
      "Sid":"Refund", "Effect":"Allow",
      "Resource": "order/*", "Action": ["orders:Refund", "orders:Read"],
      "Condition": { "NumericLessThan": { "orders.total": 500 } }
    },
    { "Effect": "Allow", "Action": "orders:List", "Resource": "order/*" }
  ]
}
`

const changed = (
  change: (document: { Id: string; Statement: Record<string, unknown>[] }) => void,
): object => {
  const document = JSON.parse(DOCUMENT) as { Id: string; Statement: Record<string, unknown>[] }
  change(document)
  return document
}

describe('CLI-C30: what changes in a JSON file is written where it stands', () => {
  test('what says the same stays as it is written', () => {
    const same = changed(({ Statement }) => {
      Statement.reverse()
      Statement[0] = { Resource: ['order/*'], Action: ['orders:List'], Effect: 'Allow' }
      Statement[1] = {
        ...Statement[1],
        Action: ['orders:Read', 'orders:Refund'],
        Condition: { NumericLessThan: { 'orders.total': ['500'] } },
      }
    })
    expect(rewriteJson(DOCUMENT, same)).toBe(DOCUMENT)
  })

  test('a value, an item, a statement and a name change alone', () => {
    expect(
      rewriteJson(
        DOCUMENT,
        changed(({ Statement: [refund] }) =>
          Object.assign(refund ?? {}, { Condition: { NumericLessThan: { 'orders.total': 800 } } }),
        ),
      ),
    ).toBe(DOCUMENT.replace('500', '800'))
    expect(
      rewriteJson(
        DOCUMENT,
        changed(({ Statement: [refund] }) =>
          Object.assign(refund ?? {}, { Action: ['orders:Void', 'orders:Refund'] }),
        ),
      ),
    ).toBe(DOCUMENT.replace('"orders:Read"]', '"orders:Void"]'))
    expect(
      rewriteJson(
        DOCUMENT,
        changed((document) => (document.Id = 'teller')),
      ),
    ).toBe(DOCUMENT.replace('clerk', 'teller'))
    expect(
      rewriteJson(
        DOCUMENT,
        changed(({ Statement }) => Statement.shift()),
      ),
    ).toBe(`{
  "Version": "authctl/1", "Id": "clerk",
  "Statement": [
    { "Effect": "Allow", "Action": "orders:List", "Resource": "order/*" }
  ]
}
`)
    const more = rewriteJson(
      DOCUMENT,
      changed(({ Statement }) =>
        Statement.unshift({ Sid: 'New', Effect: 'Deny', Action: '*', Resource: '*' }),
      ),
    )
    expect(more).toContain(
      `"Resource": "order/*" },\n    {\n      "Sid": "New",\n      "Effect": "Deny",\n      "Action": "*",\n      "Resource": "*"\n    }\n  ]`,
    )
  })

  test('a file in the one form stays in it', () => {
    const text = '{ "set": "a", "description": "x" }\n'
    expect(rewriteJson(text, { description: 'y', $schema: 'z', set: 'a' })).toBe(
      '{ "$schema": "z", "set": "a", "description": "y" }\n',
    )
  })

  test.each(['', '{', '{"a": 1, "a": 2}'])('what cannot be read is not changed: %s', (text) => {
    expect(rewriteJson(text, {})).toBeUndefined()
  })
})

const YAML = `# what clerks may do
Version: authctl/1
Id: clerk # never rename it

Statement:
  # up to what a manager has to see
  - Sid: Refund
    Effect: Allow
    Action: [orders:Refund, orders:Read] # no voids
    Resource: order/*
    Condition:
      NumericLessThan:
        orders.total: 500 # in rupees
  # for the list
  - { Effect: Allow, Action: orders:List, Resource: order/* }
`

describe('CLI-C30: what changes in a YAML file is written where it stands', () => {
  test('comments stay with what they are about', () => {
    const wanted = changed(({ Statement: [refund] }) =>
      Object.assign(refund ?? {}, {
        Action: ['orders:Refund', 'orders:Void'],
        Condition: { NumericLessThan: { 'orders.total': 800 } },
      }),
    )
    const written = rewriteYaml(YAML, wanted)
    expect(written).toBe(
      YAML.replace('500', '800')
        .replace('orders:Read', 'orders:Void')
        .replace(
          '{ Effect: Allow, Action: orders:List, Resource: order/* }',
          '{Effect: Allow, Action: orders:List, Resource: order/*}',
        ),
    )
    expect(
      rewriteYaml(
        written ?? '',
        changed(() => undefined),
      ),
    ).toContain('orders.total: 500 # in rupees')
  })

  test('what goes takes its own comment with it, and what comes is quoted where readers differ', () => {
    const wanted = changed(({ Statement }) => {
      Statement.pop()
      Statement.push({ Sid: 'No', Effect: 'Deny', Action: '*', Resource: 'order/012' })
    })
    const written = rewriteYaml(YAML, wanted) ?? ''
    expect(written).toContain("  - Sid: 'No'\n    Effect: Deny\n    Action: '*'\n    Resource: order/012\n")
    for (const comment of ['# what clerks may do', '# never rename it', '# no voids', '# in rupees'])
      expect(written).toContain(comment)
  })
})

test('what is written says what it should, whatever was there, and what says it already is not touched', () => {
  const documents = anyLayer.map(({ statements }) => ({
    Version: 'authctl/1',
    Id: 'x',
    Statement: statements,
  }))
  fc.assert(
    fc.property(documents, documents, fc.constantFrom(0, 2), (before, after, indent) => {
      const json = JSON.stringify(before, null, indent)
      expect(rewriteJson(json, before)).toBe(json)
      const written = rewriteJson(json, after) ?? ''
      expect(
        meansTheSame(plainValue(parseJson(written).node ?? fail()), JSON.parse(JSON.stringify(after))),
      ).toBe(true)
      const yaml = stringify(JSON.parse(json), { defaultStringType: 'QUOTE_SINGLE' })
      const writtenYaml = rewriteYaml(yaml, after) ?? ''
      expect(
        meansTheSame(plainValue(parseYaml(writtenYaml).node ?? fail()), JSON.parse(JSON.stringify(after))),
      ).toBe(true)
    }),
    { numRuns: 60 },
  )
})

const fail = (): never => {
  throw new Error('it cannot be read')
}
