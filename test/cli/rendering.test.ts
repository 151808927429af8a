import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AccessDecision } from '@authctl/sdk'
import { describe, expect, test } from 'vitest'
import { redact } from '../../cli/connection/debug-fetch.ts'
import { PassThrough } from 'node:stream'
import { inSurroundings, surroundings } from '../../cli/surroundings.ts'
import { explanationView } from '../../cli/access/explanation.ts'
import { chunksOf, pointIntoFile } from '../../cli/places/geojson.ts'
import { pad, widthOf, wrap } from '../../cli/output/cells.ts'
import { makeSafe } from '../../cli/output/text.ts'
import { cell } from '../../cli/output/table.ts'
import { fitTable } from '../../cli/output/terminal-table.ts'
import { toYaml } from '../../cli/output/yaml.ts'
import { createSandbox } from './run-cli.ts'
import { nearest } from '../../policies/text/nearest.ts'

describe('text', () => {
  test.each([
    ['plain', 5],
    ['日本', 4],
    ['é', 1],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['𠮷野', 4],
    ['🇮🇳', 2],
    ['⚠️', 2],
    ['❤️', 2],
    ['नमस्ते', 4],
    ['', 0],
  ])('%s takes %i cells', (text, cells) => {
    expect(widthOf(text)).toBe(cells)
    expect(widthOf(pad(text, 6))).toBe(6)
  })

  test('CLI-C12: lines keep to the cells, and break a word only if it is longer than a line', () => {
    expect(wrap('two herons wait', 15)).toEqual(['two herons wait'])
    expect(wrap('two herons wait', 10)).toEqual(['two herons', 'wait'])
    expect(wrap('two herons wait', 4)).toEqual(['two', 'hero', 'ns', 'wait'])
    expect(wrap('日本語 a', 4)).toEqual(['日本', '語 a'])
    expect(wrap('', 4)).toEqual([''])
  })

  test('what could drive a terminal or reorder text becomes visible', () => {
    expect(makeSafe('a\u001b[31m\u009b\n\u202eb')).toBe('a\\u{1b}[31m\\u{9b}\\u{a}\\u{202e}b')
  })

  test.each([
    ['prot', 'port'],
    ['usrname', 'username'],
    ['zzz', undefined],
    ['', undefined],
  ])('CLI-C9: the nearest to %s is %s', (word, expected) => {
    expect(nearest(word, ['port', 'host', 'username', 'data-dir'])).toBe(expected)
  })
})

describe('tables', () => {
  const ID = 'cli_01j00000000000000000000000'
  const rows = [
    {
      id: ID,
      name: 'Namma Rides of the southern depots',
      note: 'two herons wait',
      created_at: '2026-01-01T00:00:00Z',
    },
    { id: ID, name: 'B', note: '', created_at: '2026-01-01T00:00:00Z' },
  ]
  const columns = ['id', 'name', 'note', 'created_at']

  test('CLI-C12: one that fits is a line a row', () => {
    expect(fitTable({ rows, columns }, 120)).toEqual({
      text: [
        'ID                              NAME                                NOTE             CREATED AT',
        `${ID}  Namma Rides of the southern depots  two herons wait  2026-01-01T00:00:00Z`,
        `${ID}  B                                                    2026-01-01T00:00:00Z`,
      ].join('\n'),
      hidden: [],
    })
  })

  test('CLI-C12: a wide one is narrowed at its blanks, the widest column first', () => {
    const { text, hidden } = fitTable({ rows, columns }, 90)
    expect(hidden).toEqual([])
    expect(text.split('\n')).toEqual([
      'ID                              NAME                 NOTE             CREATED AT',
      `${ID}  Namma Rides of the   two herons wait  2026-01-01T00:00:00Z`,
      '                                southern depots',
      `${ID}  B                                     2026-01-01T00:00:00Z`,
    ])
  })

  test('CLI-C12: what still finds no room is left out from the end, and named; no line is wider than the terminal', () => {
    const { text, hidden } = fitTable({ rows, columns }, 50)
    expect(hidden).toEqual(['created_at'])
    expect(Math.max(...text.split('\n').map(widthOf))).toBeLessThanOrEqual(50)
    expect(fitTable({ rows, columns }, 12)).toMatchObject({ hidden: ['name', 'note', 'created_at'] })
  })

  test('CLI-C12: a cell holds words, not JSON', () => {
    expect(cell(['a', 'b'])).toBe('a, b')
    expect(cell({ tier: 'trial', seats: 3, open: true })).toBe('tier=trial, seats=3, open=true')
    expect(cell({ 'x\u001b': 'y\u001b' })).toBe('x\\u{1b}=y\\u{1b}')
    expect([cell(null), cell(undefined), cell([]), cell({})]).toEqual(['', '', '', ''])
  })
})

describe('an explanation', () => {
  const statement = {
    policy: 'root/clerk',
    hash: 'h',
    statement: 1,
    sid: null,
    effect: 'Allow',
    source: null,
  } as const
  const miss = {
    ...statement,
    failed: 'condition',
    operator: 'NumericLessThanEquals',
    key: 'orders.total',
  } as const
  const explain = (misses: readonly object[], reason: AccessDecision['reason'] = null) =>
    explanationView(
      { principal: undefined, action: 'orders:Refund', resource: 'order/1' },
      {
        allowed: false,
        decision: 'DENY_IMPLICIT',
        reason,
        decision_id: null,
        explanation: {
          decision: 'DENY_IMPLICIT',
          decided_by: { layer: 0, statement: null },
          layers: [
            {
              kind: 'own',
              principal: 'cli_1',
              outcome: 'none',
              matched: [],
              matched_total: 0,
              near_misses: misses as never,
            },
            {
              kind: 'own',
              principal: 'adm_1',
              outcome: 'allow',
              matched: [statement],
              matched_total: 1,
              near_misses: [],
            },
          ],
          missing_keys: ['orders.total'],
          would_allow_if: [],
          revisions: [],
        },
      },
      {},
    )

  test('says what was wanted in words, marks the layer that decides, and names keys that are missing', async () => {
    const resource = { ...miss, failed: 'resource', operator: 'NotResource', key: null, actual: ['order/1'] }
    const { rows, more = [] } = await explain([
      { ...miss, expected: ['500'], actual: null },
      { ...miss, expected: ['1', '2', '3', '4', '5'], actual: ['6', '7'] },
      { ...resource, expected: ['order/*'] },
    ])
    expect(rows).toMatchObject([{ principal: 'you', action: 'orders:Refund', decision: 'DENY_IMPLICIT' }])
    expect(more).toMatchObject([
      {
        rows: [
          {
            layer: 'own of cli_1',
            outcome: 'none, decides',
            because: 'root/clerk statement 1: orders.total is missing, wanted NumericLessThanEquals 500',
          },
          {
            because:
              'root/clerk statement 1: orders.total is 6, 7, wanted NumericLessThanEquals 1 or 2 or 3 or 2 more',
          },
          { because: 'root/clerk statement 1: the resource is order/1, wanted none of order/*' },
          { layer: 'own of adm_1', outcome: 'allow', because: 'root/clerk statement 1' },
        ],
      },
      { rows: [{ missing_keys: 'orders.total' }] },
      { columns: ['namespace', 'revision', 'id'] },
    ])
  })

  test('on a terminal it is an outline, since names and places are wider than columns', async () => {
    const place = 'services/a-long-way-down/documents/orders-clerk.json:12:5'
    const stdout = Object.assign(new PassThrough(), { isTTY: true, columns: 60 })
    const within = { ...surroundings(), env: { NO_COLOR: '1' }, stdout }
    const { more = [] } = await inSurroundings(within, () =>
      explain([{ ...miss, sid: 'SmallRefunds', source: place, expected: ['500'], actual: ['600'] }]),
    )
    expect((more[0] as string).split('\n')).toEqual([
      'own of cli_1: none, decides',
      '  root/clerk SmallRefunds',
      '    (services/a-long-way-down/documents/orders-clerk.json:12',
      '    :5)',
      '    orders.total is 600, wanted NumericLessThanEquals 500',
      'own of adm_1: allow',
      '  root/clerk statement 1',
      '',
      'missing keys',
      '  orders.total',
    ])
  })

  test('where no policy was asked, gives the reason and no layers', async () => {
    const { rows, more } = await explain([], 'not_active')
    expect(rows).toMatchObject([
      { reason: 'not_active: the account or application, or an account above it, is disabled' },
    ])
    expect(more).toEqual([])
  })
})

describe('YAML', () => {
  test('CLI-C12: text that a reader could take for something else is quoted', () => {
    const tricky = [
      'yes',
      'No',
      'null',
      '~',
      '1',
      '1.5',
      '0x1f',
      '2026-01-01',
      'a: b',
      '- a',
      '#a',
      '',
      ' a',
      '*a',
      '&a',
      '!a',
      '@a',
      'a\nb',
      '{}',
      "it's",
      'a,b',
      '+919876543210',
      '+1_000',
      '-1',
      '.5',
      '.inf',
      '1e3',
      '0o17',
      '12:30:00',
      '2026-01-01T00:00:00Z',
      'OFF',
      'NaN',
      '=',
      '<<',
      '---',
      '%a',
      '? a',
      ':a',
      'a:',
      'a #b',
    ]
    for (const text of tricky) expect(toYaml({ a: text })).toBe(`a: ${JSON.stringify(text)}\n`)
    for (const text of ['a', 'namma.rides', 'Namma Rides', 'cli_01j', '/var/lib', 'a-b'])
      expect(toYaml({ a: text })).toBe(`a: ${text}\n`)
  })

  test('CLI-C18: what could drive a terminal is escaped, and a number stays one', () => {
    expect(toYaml({ a: 'x\u009b31m' })).toBe('a: "x\\u009b31m"\n')
    expect(toYaml([1e21, 5e-7, 1.5, -3])).toBe('- 1.0e+21\n- 5.0e-7\n- 1.5\n- -3\n')
  })

  test('CLI-C12: nesting, lists and empty values', () => {
    const value = {
      items: [
        { id: 'a', tags: ['x', 'y'], none: null, map: {} },
        { id: 'b', list: [], n: 1, t: true },
      ],
    }
    expect(toYaml(value)).toBe(
      'items:\n  - id: a\n    tags:\n      - x\n      - "y"\n    none: null\n    map: {}\n  - id: b\n    list: []\n    "n": 1\n    t: true\n',
    )
  })
})

describe('secrets', () => {
  test('CLI-C18: --debug replaces every secret however deep, and nothing else', () => {
    const body = {
      username: 'a',
      password: 'p',
      setup_token: 's',
      issue_token: false,
      token: { access_token: 'x', refresh_token: 'y', token_type: 'Bearer', expires_in: 900 },
      list: [{ otp: '1', refresh_key: 'k', new_key: 'k', old_key: 'k', code: 'not_found' }],
    }
    expect(redact(body)).toEqual({
      username: 'a',
      password: '(secret)',
      setup_token: '(secret)',
      issue_token: false,
      token: { access_token: '(secret)', refresh_token: '(secret)', token_type: 'Bearer', expires_in: 900 },
      list: [
        {
          otp: '(secret)',
          refresh_key: '(secret)',
          new_key: '(secret)',
          old_key: '(secret)',
          code: 'not_found',
        },
      ],
    })
  })
})

describe('GeoJSON', () => {
  const sizes = (features: readonly unknown[]): number[] =>
    [...chunksOf(features)].map((chunk) => chunk.features.length)

  test('pieces have at most 1000 features and keep their place in the file', () => {
    const chunks = [...chunksOf(Array.from({ length: 2001 }, (_, index) => index))]
    expect(chunks.map(({ offset, features }) => [offset, features.length, features[0]])).toEqual([
      [0, 1000, 0],
      [1000, 1000, 1000],
      [2000, 1, 2000],
    ])
  })

  test('features with long texts go in smaller pieces, below what the daemon reads', () => {
    const long = Array.from({ length: 900 }, () => ({ name: '日'.repeat(1000) }))
    expect(sizes(long)).toEqual([630, 270])
    expect(sizes([{ name: 'x'.repeat(3_000_000) }])).toEqual([1])
  })

  test('a pointer into a piece becomes one into the file', () => {
    expect(pointIntoFile('/features/3/properties/type', 1000)).toBe('/features/1003/properties/type')
    expect(pointIntoFile('/type', 1000)).toBe('/type')
  })
})

describe('start-up', () => {
  test('CLI-C28: --help loads no command, no daemon and no SDK', async () => {
    const sandbox = createSandbox()
    const coverage = join(sandbox.directory, 'coverage')
    const { code } = await sandbox.spawn({ argv: ['--help'], env: { NODE_V8_COVERAGE: coverage } })
    expect(code).toBe(0)
    const urls = readdirSync(coverage).flatMap((file) => {
      const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as {
        result: { url: string }[]
      }
      return result.map(({ url }) => url).filter((url) => url.startsWith('file:'))
    })
    sandbox.remove()
    expect(urls.some((url) => url.endsWith('/dist/cli/bin.js'))).toBe(true)
    expect(
      urls.filter((url) => /\/dist\/(?:cli\/commands|daemon)\/|\/(?:express|jose|argon2)\//.test(url)),
    ).toEqual([])
    // A heavy import shows as hundreds of modules; there were 109 when this was written.
    expect(urls.length).toBeLessThan(160)
  })
})
