import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDotEnv } from '../../daemon/config/dot-env.ts'

const read = (text: string) => {
  const { values, problems } = parseDotEnv(text)
  expect(problems).toEqual([])
  return Object.fromEntries(values)
}

describe('J11: .env', () => {
  test.each([
    ['A=b#c', 'b#c'],
    ['A=b # comment', 'b'],
    ['A=b\t# comment', 'b'],
    ['A=#comment', ''],
    ['A=', ''],
    ['A = b c ', 'b c'],
    ['export A=b', 'b'],
    ['\uFEFFA=b', 'b'],
    ['A=b=c==', 'b=c=='],
    ['A=a\\b$c', 'a\\b$c'],
    ['A="b # c"', 'b # c'],
    ['A="b\\"c"', 'b"c'],
    ['A="a\\\\b\\nc\\$d"', 'a\\b\nc$d'],
    ["A='a\\nb\"c' # comment", 'a\\nb"c'],
    ['A=`it\'s "so"`', 'it\'s "so"'],
    ['A="one\ntwo"', 'one\ntwo'],
    ['  A=b', 'b'],
    ['A=b\u2028c # \u2029', 'b\u2028c'],
    ['# \u2028\nA=b', 'b'],
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual({ A: expected })
    expect(read(`${text.replaceAll('\n', '\r\n')}\r\n`)).toEqual({ A: expected })
    expect(read(`# first\n\n${text.replace('\uFEFF', '')}\nB=c`)).toEqual({ A: expected, B: 'c' })
  })

  test.each([
    ['A=b"c', /^\.env line 3 has a quotation mark/],
    ['A="b"c', /^\.env line 3 goes on after/],
    ['A="b\\qc"', /^\.env line 3 has an unknown escape/],
    ['A="b', /^\.env line 3 opens/],
    ['A: b', /^\.env line 3 is not NAME=value/],
    ['1A=b', /^\.env line 3 is not NAME=value/],
    ['just words', /^\.env line 3 is not NAME=value/],
    ['B=hunter2', /^\.env line 3 sets B, as line 2 does/],
  ])('%j is refused by its line', (line, expected) => {
    const { problems } = parseDotEnv(`# hunter2\nB="x"\n${line}`)
    expect(problems).toEqual([expect.stringMatching(expected)])
    expect(problems.join()).not.toContain('hunter2')
  })

  test('lines after a value of several lines keep their numbers, and every bad line is told', () => {
    expect(parseDotEnv('A="1\n2\n3"\nbad\nB=c\nworse').problems).toEqual([
      '.env line 4 is not NAME=value',
      '.env line 6 is not NAME=value',
    ])
  })

  test('every secret survives being written in double quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (secret) => {
        fc.pre(!secret.includes('\r'))
        const escaped = secret.replaceAll(/[\\"]/g, '\\$&')
        expect(read(`A="${escaped}"\nB=c`)).toEqual({ A: secret, B: 'c' })
      }),
    )
  })
})
