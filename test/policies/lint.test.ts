import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers, symbolsOf } from '../../policies/engine/covers.ts'
import { DIAGNOSTICS } from '../../policies/text/diagnostic-kinds.ts'
import type { Diagnostic } from '../../policies/text/diagnostics.ts'
import { ESCALATING } from '../../policies/lint/breadth.ts'
import { lintDocument } from '../../policies/lint/lint.ts'
import { createCatalogue } from '../../policies/catalogue.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../../policies/managed.ts'
import { globUnits, matchGlob } from '../../policies/engine/match.ts'
import { outlineOf, placesOf } from '../../policies/text/outline.ts'
import { parseTemplate } from '../../policies/engine/template.ts'
import { validateDocument } from '../../policies/validate/document.ts'
import { CATALOGUE, documentOf } from './samples.ts'

const NOW = Date.UTC(2026, 10, 24)

const lint = (text: string, catalogue = CATALOGUE): Diagnostic[] => {
  const { document, diagnostics } = validateDocument(text, { file: 'a.json', catalogue })
  expect(diagnostics).toEqual([])
  if (document === undefined) return []
  const placeOf = placesOf(outlineOf(text, 'Id'), text)
  return lintDocument({ document, file: 'a.json', placeOf }, { catalogue, now: NOW })
}
const written = (effect: string, action: string, resource: string, condition?: string): string =>
  `{"Effect": "${effect}", "Action": "${action}", "Resource": "${resource}"${condition === undefined ? '' : `, "Condition": ${condition}`}}`
const allow = (action: string, resource: string, condition?: string): string =>
  written('Allow', action, resource, condition)
const deny = (action: string, resource: string, condition?: string): string =>
  written('Deny', action, resource, condition)
const MFA = '{"Bool": {"request.mfa": true}}'

const codes = (...statements: string[]): string[] => lint(documentOf(...statements)).map(({ code }) => code)

/** All that one document shows; who gets it is a matter of its set (set-lint.test.ts). */
const OF_SETS = ['W_NEVER_ATTACHED', 'W_LAYER_ABOVE', 'W_BOUNDARY_WITHOUT_ALLOW', 'W_ROLE_UNMANAGED']
const WARNINGS = Object.entries(DIAGNOSTICS).filter(
  ([code, { severity }]) => severity === 'warning' && !OF_SETS.includes(code),
)

describe('lint', () => {
  test.each(WARNINGS)('%s is what its example shows, and all that it shows', (code, { example }) => {
    const isDocument = example.startsWith('{"Version"')
    const found = lint(isDocument ? example : documentOf(example))
    expect(found.map((diagnostic) => diagnostic.code)).toEqual([code])
    expect(found[0]).toMatchObject({ severity: 'warning', file: 'a.json', line: isDocument ? 1 : 2 })
  })

  test.each([
    '{"Effect": "Allow", "Action": ["orders:Read", "orders:List"], "Resource": "order/${principal.path}/*"}',
    '{"Effect": "Deny", "Action": "*", "Resource": "*"}',
    '{"Effect": "Deny", "NotAction": "orders:Read", "Resource": "order/*"}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"NotIpAddress": {"request.ip": "10.0.0.0/8"}, "Null": {"request.ip": "false"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringNotEquals": {"caller.id": "cli_a"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringEquals": {"caller.id": "cli_${*}"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"DateLessThan": {"request.time": "2030-01-01T00:00:00Z"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"DateLessThan": {"orders.placed": "2020-01-01T00:00:00Z"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringLike": {"caller.attributes.team": "a*"}, "StringNotEquals": {"caller.attributes.team": "ab"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"StringNotEqualsIfExists": {"caller.attributes.team": "ab"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a", "Condition": {"Null": {"caller.attributes.team": "true"}, "StringEqualsIfExists": {"caller.attributes.team": "ab"}}}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": ["order/.hidden", "order/a*${caller.attributes.team, \'\'}", "order/${caller.attributes.team, \'none\'}/*"]}',
    '{"Effect": "Allow", "Action": ["orders:R*", "orders:?rite"], "Resource": "order/a"}',
    '{"Effect": "Deny", "Action": "orders:Read", "NotResource": ["order/a", "order/b"]}',
  ])('has nothing to say of %s', (statement) => {
    expect(codes(statement)).toEqual([])
  })

  test('names what a deprecated action is replaced by, and when it can go', () => {
    const find = (actions: string) =>
      lint(documentOf(`{"Effect": "Allow", "Action": ${actions}, "Resource": "order/a"}`))[0]
    expect(find('["orders:Fetch"]')).toMatchObject({
      message: 'orders:Fetch is deprecated: its service names orders:List in its place',
      hint: expect.stringMatching(/^Name the action/),
    })
    expect(find('["orders:List", "orders:Fetch"]')).toMatchObject({
      column: documentOf('{"Effect": "Allow", "Action": ["orders:List", "').split('\n')[1]?.length,
      hint: expect.stringMatching(/^Take it out as soon as/),
    })
  })

  test.each<[string, string, string[]]>([
    ['all verbs by a question mark', allow('orders:?*', 'order/a'), ['W_BROAD_ACTION']],
    ['a pattern that some verbs match', allow('orders:*i*', 'order/a'), []],
    [
      'everything under a condition',
      allow('*', '*', MFA),
      ['W_BROAD_ACTION', 'W_BROAD_RESOURCE', 'W_ESCALATION'],
    ],
    ['a pattern that only deprecated actions match', allow('orders:Fe*', 'order/a'), ['W_DEPRECATED_ACTION']],
    ['a pattern that others match too', allow('orders:*t*', 'order/a'), []],
    [
      'a deprecated action in a complement',
      '{"Effect": "Deny", "NotAction": ["orders:Read", "orders:Fetch"], "Resource": "order/a"}',
      ['W_DEPRECATED_ACTION'],
    ],
    ['an action that steers rights, by a pattern', allow('authctl:Attach*', 'account/a'), ['W_ESCALATION']],
    [
      'an action that steers rights, by a complement',
      '{"Effect": "Allow", "NotAction": "orders:*", "Resource": "account/a"}',
      ['W_ALLOW_NOT', 'W_ESCALATION'],
    ],
    [
      'a complement that leaves that action out',
      '{"Effect": "Allow", "NotAction": "authctl:*", "Resource": "order/a"}',
      ['W_ALLOW_NOT'],
    ],
    ['a literal that no resource has', allow('orders:Read', 'order/${*}'), ['W_UNREACHABLE']],
    [
      'a default that no resource has',
      allow('orders:Read', "order/${caller.attributes.team, 'a b'}"),
      ['W_UNREACHABLE'],
    ],
    [
      'a default that leaves a segment empty',
      allow('orders:Read', "order/${caller.attributes.team, ''}/a"),
      ['W_UNREACHABLE'],
    ],
    [
      'a default that is no segment',
      allow('orders:Read', "order/${caller.attributes.team, '..'}"),
      ['W_UNREACHABLE'],
    ],
    [
      'a Deny of all actions but all',
      '{"Effect": "Deny", "NotAction": ["orders:Read", "*"], "Resource": "*"}',
      ['W_REDUNDANT_ACTION', 'W_UNREACHABLE'],
    ],
    [
      'a Deny of all resources but all',
      '{"Effect": "Deny", "Action": "*", "NotResource": "*"}',
      ['W_UNREACHABLE'],
    ],
    [
      'a key that is always there to be absent',
      allow('orders:Read', 'order/a', '{"Null": {"caller.id": true}}'),
      ['W_UNREACHABLE'],
    ],
    [
      'no value and one of them',
      deny(
        'orders:Read',
        'order/a',
        '{"Null": {"orders.tags": true}, "ForAnyValue:StringEquals": {"orders.tags": "a"}}',
      ),
      ['W_UNREACHABLE'],
    ],
    [
      'no value and another of them',
      deny(
        'orders:Read',
        'order/a',
        '{"Null": {"orders.tags": true}, "ForAnyValue:StringNotEquals": {"orders.tags": "a"}}',
      ),
      ['W_UNREACHABLE'],
    ],
    [
      'a negated operator without a guard',
      allow('orders:Read', 'order/a', '{"StringNotEquals": {"caller.attributes.team": "a"}}'),
      ['W_NEG_MISSING'],
    ],
    [
      'no second factor, in a Deny',
      deny('orders:Read', 'order/a', '{"Bool": {"request.mfa": false}}'),
      ['W_MFA_FALSE'],
    ],
    [
      'no second factor, in an Allow',
      allow('orders:Read', 'order/a', '{"Bool": {"request.mfa": "false"}}'),
      ['W_MFA_FALSE'],
    ],
    [
      'no second factor, or none that is told',
      deny('orders:Read', 'order/a', '{"BoolIfExists": {"request.mfa": false}}'),
      [],
    ],
    [
      'no second factor where one is told of',
      deny('orders:Read', 'order/a', '{"Bool": {"request.mfa": false}, "Null": {"request.mfa": false}}'),
      [],
    ],
    ['a second factor', allow('orders:Read', 'order/a', '{"Bool": {"request.mfa": true}}'), []],
    [
      'a negated operator on any of several values',
      allow('orders:Read', 'order/a', '{"ForAnyValue:StringNotEquals": {"orders.tags": "secret"}}'),
      ['W_NEG_MISSING'],
    ],
    [
      'a key that the action always has',
      allow('orders:Read', 'order/a', '{"NumericNotEquals": {"orders.total": 1}}'),
      [],
    ],
    [
      'a key that one of the actions does not have',
      '{"Effect": "Allow", "Action": ["orders:Read", "orders:List"], "Resource": "order/a", "Condition": {"NumericNotEquals": {"orders.total": 1}}}',
      ['W_NEG_MISSING'],
    ],
    ['its absence', deny('orders:Read', 'order/a', '{"Null": {"orders.total": true}}'), ['W_UNREACHABLE']],
    ['its absence from any action', deny('*', 'order/a', '{"Null": {"orders.total": true}}'), []],
    [
      'the same in a Deny',
      deny('orders:Read', 'order/a', '{"ForAnyValue:StringNotEquals": {"orders.tags": "open"}}'),
      ['W_DENY_MISSING'],
    ],
  ])('%s', (_what, statement, expected) => expect(codes(statement)).toEqual(expected))

  test('a negated operator on any of several values says what to do', () => {
    const [warning] = lint(
      documentOf(
        allow('orders:Read', 'order/a', '{"ForAnyValue:StringNotEquals": {"orders.tags": "secret"}}'),
      ),
    )
    expect(warning?.message).toBe(
      'ForAnyValue:StringNotEquals holds as soon as one value of orders.tags is another',
    )
    expect(warning?.hint).toContain('ForAllValues:')
  })

  test('every action that steers rights is one of the daemon, however it is written', () => {
    const catalogue = createCatalogue(OWN_SERVICES)
    for (const name of ESCALATING) {
      const pattern = name.replace(/[a-z]$/, '?')
      const found = lint(documentOf(allow(pattern, 'account/a')), catalogue)
      expect(found.map(({ code, message }) => `${code} ${message.split(' ')[0]}`)).toEqual([
        `W_ESCALATION ${name}`,
      ])
    }
  })
})

describe('statements that others make superfluous', () => {
  const wide = allow('orders:Read', 'order/*')
  const narrow = allow('orders:Read', 'order/a')

  test.each<[string, string[], string[]]>([
    ['of two that are equal, the second', [narrow, narrow], ['', 'W_REDUNDANT_STATEMENT']],
    ['the narrower, if it comes first', [narrow, wide], ['W_REDUNDANT_STATEMENT', '']],
    ['the narrower, if it comes last', [wide, narrow], ['', 'W_REDUNDANT_STATEMENT']],
    ['none that allows something else', [narrow, allow('orders:Read', 'order/b')], ['', '']],
    ['an Allow before its Deny', [narrow, deny('orders:Read', 'order/a')], ['W_SHADOWED', '']],
    ['an Allow after its Deny', [deny('orders:Read', 'order/*'), narrow], ['', 'W_SHADOWED']],
    [
      'an Allow by a Deny rather than by another Allow',
      [wide, deny('*', 'order/a'), narrow],
      ['', '', 'W_SHADOWED'],
    ],
    [
      'a Deny by a Deny, whatever is allowed',
      [allow('orders:Read', 'order/*'), deny('orders:Read', 'order/a/*'), deny('orders:Read', 'order/a/b/*')],
      ['', '', 'W_REDUNDANT_STATEMENT'],
    ],
    ['no Deny by an Allow', [wide, deny('orders:Read', 'order/a')], ['', '']],
    [
      'none by a Deny under a condition',
      [deny('orders:Read', 'order/*', MFA), narrow],
      ['W_DENY_MISSING', ''],
    ],
    [
      'one under the same conditions, in whatever order they are written',
      [
        allow(
          'orders:Read',
          'order/*',
          '{"Bool": {"request.mfa": true}, "StringEquals": {"caller.id": ["a", "b"]}}',
        ),
        allow(
          'orders:Read',
          'order/a',
          '{"StringEquals": {"caller.id": ["b", "a"]}, "Bool": {"request.mfa": "true"}}',
        ),
      ],
      ['', 'W_REDUNDANT_STATEMENT'],
    ],
    [
      'one under more conditions',
      [
        allow('orders:Read', 'order/*', MFA),
        allow(
          'orders:Read',
          'order/a',
          '{"Bool": {"request.mfa": true}, "StringEquals": {"caller.id": "a"}}',
        ),
      ],
      ['', 'W_REDUNDANT_STATEMENT'],
    ],
    [
      'none under other conditions',
      [
        allow('orders:Read', 'order/*', MFA),
        allow('orders:Read', 'order/a', '{"Bool": {"caller.attributes.known": false}}'),
      ],
      ['', ''],
    ],
    [
      'a complement of more',
      [
        '{"Effect": "Deny", "NotAction": "orders:Read", "Resource": "order/*"}',
        '{"Effect": "Deny", "NotAction": ["orders:R*", "orders:List"], "Resource": "order/a"}',
      ],
      ['', 'W_REDUNDANT_STATEMENT'],
    ],
    [
      'no complement of less',
      [
        '{"Effect": "Deny", "NotAction": ["orders:Read", "orders:List"], "Resource": "order/*"}',
        '{"Effect": "Deny", "NotAction": "orders:Read", "Resource": "order/a"}',
      ],
      ['', ''],
    ],
  ])('%s', (_what, statements, expected) => {
    const found = lint(documentOf(...statements))
    const codeAt = (line: number): string =>
      found
        .filter((diagnostic) => diagnostic.line === line)
        .map(({ code }) => code)
        .join(' ')
    expect(statements.map((_statement, index) => codeAt(index + 2))).toEqual(expected)
  })

  test('lists of hundreds of patterns are compared, and hostile ones are not compared without end', () => {
    const list = (make: (i: number) => string): string =>
      JSON.stringify(Array.from({ length: 512 }, (_value, i) => make(i)))
    const of = (make: (i: number) => string): string =>
      `{"Effect": "Deny", "Action": "orders:Read", "Resource": ${list(make)}}`
    expect(codes(of((i) => `order/${'x'.repeat(40)}${i}`))).toEqual([])
    expect(codes(of((i) => (i === 511 ? 'order/300' : `order/${i}`)))).toEqual(['W_REDUNDANT_RESOURCE'])
    const hostile = Array.from({ length: 4 }, (_value, s) => of((i) => `order/*a*a*a*${s}b${i}`))
    expect(codes(...hostile)).toEqual([])
  })
})

describe('lint of what comes with authctl', () => {
  test('the managed policies are as narrow as they can be', () => {
    const found = MANAGED_POLICIES.flatMap((document) =>
      lintDocument(
        { document, file: document.Id, placeOf: () => ({ line: 1, column: 1 }) },
        { catalogue: createCatalogue(OWN_SERVICES), now: NOW },
      ).map(({ file, code }) => `${file} ${code}`),
    )
    // Admins and clients may attach and bound, within the ceiling.
    expect(found).toEqual([
      'SuperAdmin W_STAR_STAR',
      'Admin W_ESCALATION',
      'Admin W_ESCALATION',
      'Admin W_ESCALATION',
      'Admin W_BROAD_ACTION',
      'Client W_ESCALATION',
      'Client W_ESCALATION',
      'InheritCreator W_STAR_STAR',
    ])
  })
})

describe('covering', () => {
  const isCovered = (wide: string, narrow: string): boolean => {
    const [a, b] = [parseTemplate(wide, 'glob'), parseTemplate(narrow, 'glob')]
    if (a === undefined || b === undefined) throw new Error('readable')
    return covers(symbolsOf(a), symbolsOf(b))
  }

  test.each([
    ['*', 'a/*', true],
    ['a/*', 'a/b/*', true],
    ['a/*', 'a*', false],
    ['a?', 'ab', true],
    ['a?', 'a?', true],
    ['a?', 'a*', false],
    ['a/*', 'a/${caller.id}', true],
    ['a/?', 'a/${caller.id}', false],
    ['a/${caller.id}/*', 'a/${caller.id}/b', true],
    ['a/${caller.id}', 'a/${principal.id}', false],
  ])('%s covers %s: %s', (wide, narrow, expected) => expect(isCovered(wide, narrow)).toBe(expected))

  test('what it says holds: no value matches the narrow pattern and not the wide one', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 5 })
    const value = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 6 })
    fc.assert(
      fc.property(
        pattern,
        pattern,
        fc.array(value, { minLength: 20, maxLength: 20 }),
        (wide, narrow, values) => {
          if (!isCovered(wide, narrow)) return
          for (const text of values)
            if (matchGlob(globUnits(narrow), text)) expect(matchGlob(globUnits(wide), text), text).toBe(true)
        },
      ),
      { numRuns: 5000 },
    )
  })
})
