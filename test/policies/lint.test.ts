import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { covers, symbolsOf } from '../../policies/covers.ts'
import { DIAGNOSTICS } from '../../policies/diagnostic-kinds.ts'
import type { Diagnostic } from '../../policies/diagnostics.ts'
import { lintDocument } from '../../policies/lint.ts'
import { createCatalogue } from '../../policies/catalogue.ts'
import { MANAGED_POLICIES, OWN_SERVICES } from '../../policies/managed.ts'
import { globUnits, matchGlob } from '../../policies/match.ts'
import { parseTemplate } from '../../policies/template.ts'
import { validateDocument } from '../../policies/validate.ts'
import { CATALOGUE, documentOf } from './samples.ts'

const NOW = Date.UTC(2026, 10, 24)

const lint = (text: string): Diagnostic[] => {
  const { document, writtenAt, diagnostics } = validateDocument(text, {
    file: 'a.json',
    catalogue: CATALOGUE,
  })
  expect(diagnostics).toEqual([])
  return document === undefined
    ? []
    : lintDocument({ document, writtenAt }, { catalogue: CATALOGUE, now: NOW })
}
const codes = (...statements: string[]): string[] => lint(documentOf(...statements)).map(({ code }) => code)

/** All that one document shows; that nothing attaches it is a matter of its set (set.test.ts). */
const WARNINGS = Object.entries(DIAGNOSTICS).filter(
  ([code, { severity }]) => severity === 'warning' && code !== 'W_NEVER_ATTACHED',
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
  ])('has nothing to say of %s', (statement) => {
    expect(codes(statement)).toEqual([])
  })

  test('a Deny under a condition shadows nothing, and an Allow of more is not redundant', () => {
    const allow = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a"}'
    const deny =
      '{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/*", "Condition": {"Bool": {"request.mfa": false}}}'
    expect(codes(deny, allow)).toEqual([])
    expect(codes(allow, '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/b"}')).toEqual([])
  })

  test('of two equal statements one is redundant', () => {
    const allow = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/a"}'
    expect(codes(allow, allow)).toEqual(['W_REDUNDANT_STATEMENT'])
  })

  test('the managed policies are as narrow as they can be', () => {
    const found = MANAGED_POLICIES.flatMap((document) =>
      lintDocument(
        { document, writtenAt: document.Statement.map(() => `${document.Id}:1:1`) },
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

  test('what it says is so: no value matches the narrow pattern and not the wide one', () => {
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
