import { expect, test } from 'vitest'
import { decodeText } from '../../cli/input/text-file.ts'

test('CLI-C18: text is UTF-8 to the last byte, with its byte order mark, or is refused by its line', () => {
  for (const text of ['', '\n', '\uFEFFa', 'é\n☃\n🚏', 'a\uFFFDb'])
    expect(decodeText(Buffer.from(text), 'it')).toBe(text)
  for (const [bytes, line] of [
    ['ff', 1],
    ['fffe 7b00', 1],
    ['610a 62e9 0a63', 2],
    ['0a0a c3', 3],
    ['c30a a9', 1],
    ['eda0 80', 1],
  ] as const)
    expect(() => decodeText(Buffer.from(bytes.replaceAll(' ', ''), 'hex'), 'it')).toThrow(
      `it is not UTF-8 text: see line ${line}`,
    )
})
