import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../daemon/domain/failure.ts'
import { canonicalUsername, usernameKey } from '../../daemon/domain/username.ts'

describe('H9: usernames have one canonical form', () => {
  test('the key of a key is that key, for every code point', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      if (point >= 0xd800 && point <= 0xdfff) continue
      const key = usernameKey(String.fromCodePoint(point))
      if (usernameKey(key) !== key) expect.fail(`U+${point.toString(16)}`)
    }
  })

  test('the key of a key is that key, for strings', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        (text) => usernameKey(usernameKey(text)) === usernameKey(text),
      ),
      { numRuns: 20_000 },
    )
  })

  test.each([
    'a\u200Bb',
    'ad\u202Emin',
    'a\u00ADdmin',
    'admin\u0000',
    'a\uFEFFb',
    'a b',
    '.admin',
    'a/b',
    '<b>',
    'аdmin',
    'pаypal',
    'ab',
    'a'.repeat(65),
    'a\nb',
    'x\u034F y',
  ])('refused: %j', (username) => {
    expect(() => canonicalUsername(username)).toThrow(Failure)
  })

  test.each([
    ['ＡＤＭＩＮ', 'admin'],
    ['ᴮᴵᴳᴮᴵᴿᴰ', 'bigbird'],
    ['Straße', 'strasse'],
    ['ADMIN', 'admin'],
    ['ﬁnch', 'finch'],
  ])('%s is compared as %s', (username, key) => {
    expect(usernameKey(username)).toBe(key)
  })
})
