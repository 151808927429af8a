import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy } from '../../policies/engine/compile.ts'
import { DIAGNOSTICS } from '../../policies/text/diagnostic-kinds.ts'
import { renderDiagnostic, type Diagnostic } from '../../policies/text/diagnostics.ts'
import { parseJson, plainValue } from '../../policies/text/json.ts'
import { validateTests } from '../../policies/set/tests.ts'
import { validateDocument } from '../../policies/validate/document.ts'
import { validateService } from '../../policies/validate/service.ts'
import { CATALOGUE, documentOf } from './samples.ts'

const check = (text: string): readonly Diagnostic[] =>
  validateDocument(text, { file: 'a.json', catalogue: CATALOGUE }).diagnostics

/** The diagnostics of a document with these statements. */
const checkStatements = (...statements: string[]): string[] => {
  const text = documentOf(...statements)
  return check(text).map(({ code }) => code)
}

const withCondition = (condition: string, effect = 'Allow'): string =>
  `{"Effect": "${effect}", "Action": "orders:Read", "Resource": "*", "Condition": ${condition}}`

const ERRORS = Object.entries(DIAGNOSTICS).filter(([, { severity }]) => severity === 'error')

describe('every error', () => {
  test.each(ERRORS)('%s is what its example shows, and all that it shows', (code, { example }) => {
    const isDocument = example.startsWith('{"Version"')
    const isService = example.startsWith('{"service"')
    const isTests = example.startsWith('{"principals"')
    const anything = { file: 'a.json', isAttachable: () => true, names: [], catalogue: CATALOGUE }
    const found = isTests
      ? validateTests(example, anything).diagnostics
      : isService
        ? validateService(example, { file: 'a.json' }).diagnostics
        : check(isDocument ? example : documentOf(example))
    expect(found.map((diagnostic) => diagnostic.code)).toEqual([code])
    expect(found[0]).toMatchObject({ file: 'a.json', line: isDocument || isService || isTests ? 1 : 2 })
  })

  test.each([
    [
      'the second of two keys',
      '{"Effect": "Deny", "Effect": "Allow", "Action": "orders:Read", "Resource": "*"}',
      '"Effect": "Allow"',
    ],
    [
      'an unknown action',
      '{"Effect": "Allow", "Action": ["orders:Read", "orders:Raed"], "Resource": "*"}',
      '"orders:Raed"',
    ],
    ['an unknown operator', withCondition('{"StringEqual": {"caller.id": "a"}}'), '"StringEqual"'],
    ['a bad value', withCondition('{"NumericEquals": {"orders.total": [1, "1e3"]}}'), '"1e3"'],
  ])('stands where it is wrong: %s', (_what, statement, wrong) => {
    expect(check(documentOf(statement))).toMatchObject([{ line: 2, column: statement.indexOf(wrong) + 1 }])
  })

  test('all are reported together, in the order of the text, and nothing is compiled from them', () => {
    const text = documentOf(
      '{"Effect": "Permit", "Action": "orders:Raed", "Resource": "order//7"}',
      '{"Effect": "Allow", "Action": "orders:Read"}',
    )
    const { document, diagnostics } = validateDocument(text, { file: 'a.json', catalogue: CATALOGUE })
    expect(diagnostics.map(({ code }) => code)).toEqual([
      'E_EFFECT',
      'E_ACTION_UNKNOWN',
      'E_RESOURCE_SYNTAX',
      'E_EXCLUSIVE',
    ])
    expect(document).toBeUndefined()
  })

  test('is printed as compilers do, with what was probably meant', () => {
    const [diagnostic] = check(documentOf('{"Effect": "Allow", "Action": "orders:raed", "Resource": "*"}'))
    expect(diagnostic && renderDiagnostic(diagnostic).split('\n').slice(0, 2)).toEqual([
      'a.json:2:31: error E_ACTION_UNKNOWN: no declared action matches "orders:raed"',
      '  did you mean orders:Read?',
    ])
  })
})

describe('good documents', () => {
  test.each([
    '{"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"}',
    '{"Effect": "Allow", "Action": ["orders:R*", "orders:?ist"], "Resource": ["order/${caller.id}/*", "order/${principal.path}"]}',
    '{"Effect": "Deny", "NotAction": "orders:Read", "NotResource": "order/open/*"}',
    '{"Effect": "Allow", "Action": "orders:Read", "Resource": "order/${caller.attributes.team, \'none\'}/${*}"}',
    withCondition('{"ForAllValues:StringLike": {"orders.tags": "a*"}, "Null": {"orders.tags": "false"}}'),
    withCondition('{"ForAllValues:StringLike": {"orders.tags": "a*"}}', 'Deny'),
    withCondition(`{"StringLike": {"caller.id": "${'${*}'.repeat(9)}*"}}`),
    withCondition('{"StringEquals": {"resource.owner": "${caller.id}"}, "Bool": {"resource.public": false}}'),
    '{"Effect": "Deny", "Action": ["orders:Read", "orders:Write"], "Resource": "order/${orders.total}/*"}',
    withCondition('{"NumericLessThan": {"orders.total": 3}, "Bool": {"request.mfa": true}}'),
    withCondition(
      '{"StringEquals": {"caller.attributes.team": "a"}, "NumericEqualsIfExists": {"caller.attributes.level": [1, 2]}}',
    ),
    withCondition('{"IpAddress": {"request.ip": ["10.0.0.0/8", "::/0", "2001:db8::1"]}}'),
    withCondition(
      '{"DateGreaterThan": {"request.time": "2026-01-01T00:00:00+05:30", "orders.placed": "1717200000"}}',
    ),
  ])('%s', (statement) => {
    const { document, writtenAt } = validateDocument(documentOf(statement), {
      file: 'a.json',
      catalogue: CATALOGUE,
    })
    expect(check(documentOf(statement))).toEqual([])
    expect(writtenAt).toEqual(['a.json:2:1'])
    expect(document && compilePolicy(document, { name: 'a', hash: 'h' }).statements).toHaveLength(1)
  })
})

describe('the traps of AWS, where something missing allows', () => {
  test.each([
    [
      'ForAllValues of a missing key',
      withCondition('{"ForAllValues:StringEquals": {"orders.tags": "a"}}'),
      'E_FORALL_UNGUARDED',
    ],
    [
      'the same with IfExists',
      withCondition('{"ForAllValues:StringEqualsIfExists": {"orders.tags": "a"}}'),
      'E_FORALL_UNGUARDED',
    ],
    [
      'a guard that asks for absence',
      withCondition('{"ForAllValues:StringEquals": {"orders.tags": "a"}, "Null": {"orders.tags": "true"}}'),
      'E_FORALL_UNGUARDED',
    ],
    [
      'a variable that may be missing, in a Deny',
      '{"Effect": "Deny", "Action": "orders:Read", "Resource": "order/${caller.attributes.team}"}',
      'E_VAR_UNGUARDED',
    ],
    [
      'a variable that may be missing, in a value',
      withCondition('{"StringNotEquals": {"caller.id": "${caller.attributes.team}"}}'),
      'E_VAR_UNGUARDED',
    ],
    ['a number compared as text', withCondition('{"StringEquals": {"orders.total": "1"}}'), 'E_OP_TYPE'],
    ['text compared as a number', withCondition('{"NumericLessThan": {"caller.id": 1}}'), 'E_OP_TYPE'],
    [
      'a set without its operator',
      withCondition('{"StringNotEquals": {"orders.tags": "a"}}'),
      'E_SET_REQUIRED',
    ],
    [
      'a set operator on one value',
      withCondition('{"ForAllValues:StringEquals": {"caller.id": "a"}, "Null": {"caller.id": "false"}}'),
      'E_SET_FORBIDDEN',
    ],
    [
      'a variable that no request of the action has',
      '{"Effect": "Deny", "Action": "orders:List", "Resource": "order/${orders.total}/*"}',
      'E_KEY_NOT_APPLICABLE',
    ],
    [
      'a variable that requests for one of the actions do not have',
      '{"Effect": "Deny", "Action": ["orders:Read", "orders:List"], "Resource": "order/${orders.total}/*"}',
      'E_VAR_UNGUARDED',
    ],
    [
      'a number that would become another',
      withCondition('{"StringEquals": {"caller.id": 12345678901234567890}}'),
      'E_VALUE',
    ],
    ['a number with a last zero', withCondition('{"StringEquals": {"caller.id": 1.10}}'), 'E_VALUE'],
    ['a number beyond all', withCondition('{"NumericLessThan": {"orders.total": 1e400}}'), 'E_VALUE'],
    ['a key in another case', withCondition('{"Bool": {"request.MFA": true}}'), 'E_KEY_UNKNOWN'],
    [
      'an action in another case',
      '{"Effect": "Deny", "Action": "orders:read", "Resource": "*"}',
      'E_ACTION_UNKNOWN',
    ],
    [
      'a wildcard for the service',
      '{"Effect": "Allow", "Action": "*:Read", "Resource": "*"}',
      'E_ACTION_UNKNOWN',
    ],
    [
      'Allow with NotAction',
      '{"Effect": "Allow", "NotAction": "orders:Read", "Resource": "*"}',
      'E_ALLOW_NOT_STAR',
    ],
    [
      'Allow with NotResource',
      '{"Effect": "Allow", "Action": "*", "NotResource": "order/7"}',
      'E_ALLOW_NOT_STAR',
    ],
    [
      'a network with host bits',
      withCondition('{"NotIpAddress": {"request.ip": "10.1.0.0/8"}}', 'Deny'),
      'E_VALUE',
    ],
    ['Null with IfExists', withCondition('{"NullIfExists": {"orders.tags": true}}'), 'E_OP_UNKNOWN'],
    [
      'a Principal',
      '{"Effect": "Allow", "Principal": "*", "Action": "orders:Read", "Resource": "*"}',
      'E_UNKNOWN_KEY',
    ],
  ])('%s is refused', (_what, statement, code) => {
    const found = check(documentOf(statement))
    expect(found.map((diagnostic) => diagnostic.code)).toEqual([code])
    expect(found[0]?.hint.length).toBeGreaterThan(20)
  })

  test('a misspelt element is told once, where it stands, and what is under it is checked', () => {
    const found = (text: string) => check(text).map(({ code, line, suggestion }) => [code, line, suggestion])
    const document = (key: string, statement: string) =>
      `{"Version": "authctl/1",\n"Id": "x",\n"${key}": [\n${statement}\n]}`.replace(
        'authctl/1',
        (JSON.parse(documentOf()) as { Version: string }).Version,
      )
    const right = '{"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}'
    const wrong = '{"Effect": "Alow", "Action": "orders:Raed", "Resource": "*"}'
    expect(found(document('Statment', right))).toEqual([['E_UNKNOWN_KEY', 3, 'Statement']])
    expect(found(document('Statment', wrong))).toEqual([
      ['E_UNKNOWN_KEY', 3, 'Statement'],
      ['E_EFFECT', 4, 'Allow'],
      ['E_ACTION_UNKNOWN', 4, 'orders:Read'],
    ])
    expect(checkStatements('{"Efect": "Allow", "Acton": "orders:Raed", "Resource": "*"}')).toEqual([
      'E_UNKNOWN_KEY',
      'E_UNKNOWN_KEY',
      'E_ACTION_UNKNOWN',
    ])
  })

  test('under a misspelt operator the key and the value are checked as well', () => {
    expect(checkStatements(withCondition('{"StringEqauls": {"caller.idd": "a"}}'))).toEqual([
      'E_OP_UNKNOWN',
      'E_KEY_UNKNOWN',
    ])
    expect(checkStatements(withCondition('{"NumricEquals": {"orders.total": "many"}}'))).toContain('E_VALUE')
  })

  test('what was meant is said', () => {
    const meant = (statement: string): string | null | undefined =>
      check(documentOf(statement))[0]?.suggestion
    expect(meant(withCondition('{"Bool": {"request.MFA": true}}'))).toBe('request.mfa')
    expect(meant('{"Effect": "Deny", "Action": "orders:read", "Resource": "*"}')).toBe('orders:Read')
    expect(meant(withCondition('{"StringEqauls": {"caller.id": "a"}}'))).toBe('StringEquals')
    expect(meant(withCondition('{"StringEquals": {"orders.tags": "a"}}'))).toBe('ForAnyValue:StringEquals')
    // With ForAnyValue one value that is no secret would let every secret pass.
    expect(meant(withCondition('{"StringNotEquals": {"orders.tags": "secret"}}'))).toBe(
      'ForAllValues:StringNotEquals',
    )
    expect(
      meant('{"Effect": "Allow", "Actions": "orders:Read", "Action": "orders:Read", "Resource": "*"}'),
    ).toBe('Action')
  })
})

describe('hostile documents', () => {
  const KIB64 = 64 * 1024
  const fill = (open: string, piece: string, close: string): string =>
    open + piece.repeat(Math.floor((KIB64 - open.length - close.length) / piece.length)) + close

  test.each<[string, string]>([
    ['64 KiB of opening brackets', '['.repeat(KIB64)],
    ['64 KiB of opening braces', '{"a":'.repeat(KIB64 / 5)],
    ['64 KiB of quotes', '"'.repeat(KIB64)],
    ['64 KiB of backslashes', `"${'\\'.repeat(KIB64 - 1)}`],
    ['one long text', fill('"', 'a', '"')],
    ['one long number', '1'.repeat(KIB64)],
    ['keys without end', `{${Array.from({ length: 6000 }, (_value, i) => `"k${i}":1`).join(',')}}`],
    ['one key again and again', fill('{"a":1', ',"a":1', '}')],
    ['more bytes than allowed', ' '.repeat(KIB64 + 1)],
    ['nothing', ''],
    ['__proto__', '{"__proto__": {"Version": "authctl/1"}, "constructor": 1}'],
    [
      '257 statements',
      documentOf(...Array.from({ length: 257 }, () => '{"Effect":"Deny","Action":"*","Resource":"*"}')),
    ],
    [
      '513 patterns',
      documentOf(
        `{"Effect":"Deny","Action":"*","Resource":[${Array.from({ length: 513 }, () => '"order/a"').join(',')}]}`,
      ),
    ],
    [
      '65 keys',
      documentOf(
        withCondition(
          `{"Bool":{${Array.from({ length: 65 }, (_value, i) => `"caller.attributes.a${i}":true`).join(',')}}}`,
        ),
      ),
    ],
    ['variables without end', documentOf(fill('{"Effect":"Deny","Action":"*","Resource":"', '${', '"}'))],
    ['variables in an action', documentOf(fill('{"Effect":"Deny","Resource":"*","Action":"', '${', '"}'))],
    [
      'a pattern of 513 characters',
      documentOf(withCondition(`{"StringLike":{"caller.id":"${'a'.repeat(512)}*"}}`)),
    ],
    [
      'a resource of 513 characters',
      documentOf(`{"Effect":"Deny","Action":"*","Resource":"order/${'a'.repeat(507)}"}`),
    ],
  ])('%s: refused, with a place', (_what, text) => {
    const found = check(text)
    expect(found.length).toBeGreaterThan(0)
    for (const { line, column } of found) expect([line >= 1, column >= 1]).toEqual([true, true])
  })

  test('none takes much longer than an ordinary document of the same size', () => {
    const many = (count: number, item: (n: number) => string): string =>
      Array.from({ length: count }, (_value, n) => item(n)).join(',')
    const cpuOf = (text: string): number => {
      const runs = Array.from({ length: 3 }, () => {
        const before = process.cpuUsage()
        check(text)
        const { user, system } = process.cpuUsage(before)
        return user + system
      })
      return Math.min(...runs)
    }
    const ordinary = documentOf(
      many(
        256,
        (n) =>
          `{"Sid":"s${n}","Effect":"Allow","Action":["orders:Read","orders:Write"],"Resource":["order/${n}/*","order/\${caller.id}/${n}/*"],"Condition":{"NumericLessThan":{"orders.total":${n}}}}`,
      ),
    )
    const inOne = (actions: string): string =>
      documentOf(`{"Effect":"Deny","Action":[${actions}],"Resource":"*"}`)
    const hostile = {
      'unknown actions': inOne(many(4000, (n) => `"orders:R${n}"`)),
      'wildcards in actions': inOne(many(2500, (n) => `"orders:*a*a*a*a*${n}"`)),
      'unknown keys': documentOf(withCondition(`{"Bool":{${many(2500, (n) => `"request.mf${n}":true`)}}}`)),
      'unknown variables': documentOf(
        `{"Effect":"Deny","Action":"*","Resource":[${many(2500, (n) => `"order/\${caller.x${n}}"`)}]}`,
      ),
      'unknown elements': documentOf(`{${many(4000, (n) => `"Effec${n}":1`)}}`),
      'open variables': documentOf(fill('{"Effect":"Deny","Action":"*","Resource":"', '${', '"}')),
      'one key': `{${many(5000, () => '"a":1')}}`,
    }
    const norm = Math.max(cpuOf(ordinary), 2000)
    const ratios = Object.entries(hostile).map(([what, text]) => [what, cpuOf(text) / norm] as const)
    expect(ratios.filter(([, ratio]) => ratio > 30)).toEqual([])
  })

  test('nothing makes it throw, and what it reads is what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => {
        expect(() => check(text)).not.toThrow()
        const { node, problems } = parseJson(text)
        const isDeep = problems.some(({ message }) => message.startsWith('nested deeper'))
        const hasHalfPairs = problems.some(({ message }) => message.startsWith('half of'))
        if (isDeep || hasHalfPairs) return
        let parsed: { value: unknown } | undefined
        try {
          parsed = { value: JSON.parse(text) }
        } catch {
          expect(node).toBeUndefined()
        }
        if (parsed !== undefined) expect(node && { value: plainValue(node) }).toEqual(parsed)
      }),
      { numRuns: 3000 },
    )
  })

  test('one wrong character anywhere in a good document never throws and never passes for another document', () => {
    const good = documentOf(
      '{"Sid": "A", "Effect": "Deny", "Action": ["orders:Read"], "Resource": "order/${caller.id}/*"}',
    )
    for (let at = 0; at < good.length; at++)
      for (const character of ['', '"', '}', ',', '\\', '\u0000', '$'])
        expect(() => check(good.slice(0, at) + character + good.slice(at + 1))).not.toThrow()
  })
})

test('the codes are unique words of the table', () => {
  expect(Object.keys(DIAGNOSTICS).every((code) => /^[EW]_[A-Z_]+$/.test(code))).toBe(true)
  expect(checkStatements('{"Effect": "Allow", "Action": "orders:Read", "Resource": "*"}')).toEqual([])
})
