import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failure } from '../../daemon/domain/failure.ts'
import { usernameSkeletons } from '../../daemon/domain/confusables.ts'
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
    '\u0301admin',
    'admi\u0301\u0301n',
    'a\u0300\u0316\u0317\u0318\u0319min',
    'ad_\u0332min',
    'user1\u0301',
  ])('refused: %j', (username) => {
    expect(() => canonicalUsername(username)).toThrow(Failure)
  })

  test.each(['मोहन', 'стёпа', 'José', 'Nguyễn', 'ผู้ดูแล', 'முருகன்', 'שָׁלוֹם', 'מיכל', 'ម៉ូលីកា', '한국어'])(
    'a name of a language is taken: %s',
    (username) => {
      expect(canonicalUsername(username).username).toBe(username.normalize('NFC'))
    },
  )

  test.each([
    ['admin', 'admi\u0307n'],
    ['istanbul', 'İstanbul'],
    ['jan', 'j\u0307an'],
    ['محمد', 'محـمد'],
  ])('%s looks like %s', (one, other) => {
    const looks = [one, other].map((name) => {
      const { username, usernameKey: key } = canonicalUsername(name)
      return usernameSkeletons(username, key)
    })
    expect(looks[0]?.some((look) => looks[1]?.includes(look))).toBe(true)
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
