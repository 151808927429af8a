import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../policies/text/diagnostics.ts'
import { validateTests } from '../../policies/set/tests.ts'
import { CATALOGUE } from './samples.ts'

const check = (principals: object, cases: readonly object[] = []): readonly Diagnostic[] =>
  validateTests(JSON.stringify({ principals, cases }), {
    file: 'a_test.json',
    isAttachable: (name) => name === 'known',
    names: ['known'],
    catalogue: CATALOGUE,
  }).diagnostics

const below = (creator?: string): object => ({ role: 'client', ...(creator !== undefined && { creator }) })

describe('principals of tests', () => {
  test('a ring is reported once, at the first of it, and not at those below it', () => {
    const found = check({ a: below('b'), b: below('c'), c: below('d'), d: below('b'), e: below() })
    expect(found).toMatchObject([
      { code: 'E_CYCLE', message: 'b stands above itself: b, c, d', column: expect.any(Number) as number },
    ])
    expect(found[0]?.column).toBe('{"principals":{"a":{"role":"client","creator":"b"},'.length + 1)
  })

  test('every ring is reported, however it is entered', () => {
    const found = check({ a: below('a'), x: below('c'), b: below('c'), c: below('b') })
    expect(found.map(({ message }) => message)).toEqual([
      'a stands above itself: a',
      'b stands above itself: b, c',
    ])
  })

  test('a long way up is no ring, and of a long ring the first are named', () => {
    const names = Array.from({ length: 700 }, (_value, i) => `p${i}`)
    const chain = (last: string | undefined): object =>
      Object.fromEntries(names.map((name, i) => [name, below(names[i + 1] ?? last)]))
    expect(check(chain(undefined))).toEqual([])
    expect(check(chain('p0')).map(({ message }) => message)).toEqual([
      'p0 stands above itself: p0, p1, p2, p3, p4, and 695 more',
    ])
  })

  test('a list of creators does not hide a ring', () => {
    expect(check({ a: { role: 'client', creator: ['a'] } })).toMatchObject([{ code: 'E_VALUE' }])
  })
})

test.each<[string, object, RegExp]>([
  ['a bad role', { a: { role: 'cleint' } }, /^Write what the message asks for/],
  [
    'a policy that is not there',
    { a: { role: 'client', policies: 'knwon' } },
    /^Create it, or correct the name/,
  ],
  ['a creator that is not there', { a: below('b') }, /^Add it to the principals/],
  ['no role', { a: {} }, /^Add role\./],
])('%s: what to do fits', (_what, principals, hint) => {
  expect(check(principals).map((diagnostic) => diagnostic.hint)).toEqual([expect.stringMatching(hint)])
})
