import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../policies/engine/canonical-json.ts'
import {
  exactNumber,
  isInNetwork,
  numberText,
  parseBool,
  parseDate,
  parseNetwork,
  parseNumber,
} from '../../policies/engine/values.ts'

const micros = (text: string): bigint => {
  const value = parseNumber(text)
  if (value === undefined) throw new Error(`${text} is a number`)
  return value
}

describe('numbers', () => {
  test.each(['0', '-3', '2.5', '999999999999999.999999', '-0.000001', '10'])('%s is one', (text) => {
    expect(parseNumber(text)).toBeDefined()
  })
  test.each([
    '',
    '00',
    '01',
    '+1',
    '1.',
    '.5',
    '1e3',
    '0x1',
    ' 1',
    '1 ',
    '1234567890123456',
    '1.1234567',
    'NaN',
    '--1',
    '1,5',
  ])('%j is none', (text) => expect(parseNumber(text)).toBeUndefined())
  test('the last of 21 digits counts', () => {
    expect(micros('999999999999999.999999') > micros('999999999999999.999998')).toBe(true)
  })
  test.each([
    [1100.1 + 2200.2, '3300.3'],
    [0.1 + 0.2, '0.3'],
    [-1e-9, '0'],
    [5000, '5000'],
    [2.5, '2.5'],
    [1e15, '1000000000000000'],
    [1e21, '1e+21'],
    [Infinity, 'Infinity'],
    [1e15 + 0.125, '1000000000000000.1'],
  ])('%d is written %s', (value, text) => expect(numberText(value)).toBe(text))
  test('millionths are a double as long as that is exact', () => {
    const most = BigInt(Number.MAX_SAFE_INTEGER)
    for (const exact of [most, -most, 0n]) expect(exactNumber(exact)).toBe(Number(exact))
    for (const big of [most + 2n, -most - 2n]) expect(exactNumber(big)).toBe(big)
  })
  test('order is that of the numbers', () => {
    const cents = fc.integer({ min: -1_000_000, max: 1_000_000 })
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        expect(micros((a / 100).toFixed(2)) < micros((b / 100).toFixed(2))).toBe(a < b)
      }),
    )
  })
})

describe('instants', () => {
  test.each([
    ['2024-06-01T00:00:00Z', Date.UTC(2024, 5, 1)],
    ['2024-06-01T02:00:00+02:00', Date.UTC(2024, 5, 1)],
    ['2024-05-31T22:30:00.5-01:30', Date.UTC(2024, 5, 1) + 500],
    ['1717200000', 1717200000000],
    ['0', 0],
  ])('%s', (text, expected) => expect(parseDate(text)).toBe(expected))
  test.each([
    '2024-06-01',
    '2024-06-01T00:00:00',
    '2024-02-30T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-06-01T25:00:00Z',
    '123456789012',
    '-1',
    'now',
    '2024-6-1T0:0:0Z',
  ])('%s is none', (text) => expect(parseDate(text)).toBeUndefined())
  test.each([2023, 2024])('every day of %d is one, and no other', (year) => {
    const two = (number: number): string => String(number).padStart(2, '0')
    for (let month = 1; month <= 12; month++)
      for (let day = 0; day <= 32; day++) {
        const instant = Date.UTC(year, month - 1, day)
        const isOne = new Date(instant).getUTCMonth() === month - 1 && day > 0
        const text = `${year}-${two(month)}-${two(day)}T00:00:00Z`
        expect(parseDate(text), text).toBe(isOne ? instant : undefined)
      }
  })
})

test('true and false are the only booleans', () => {
  expect(['true', 'false', 'True', '1', ''].map(parseBool)).toEqual([
    true,
    false,
    undefined,
    undefined,
    undefined,
  ])
})

describe('networks', () => {
  const isIn = (address: string, network: string): boolean | undefined => {
    const [a, n] = [parseNetwork(address), parseNetwork(network)]
    return a && n && isInNetwork(a, n)
  }
  test.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['::1', '0.0.0.0/0', false],
    ['10.1.2.3', '::/0', false],
    ['2001:db8::7', '2001:db8::/32', true],
    ['2001:db9::7', '2001:db8::/32', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.0.0.0/104', true],
    ['::ffff:a01:203', '10.0.0.0/8', true],
    ['1:2:3:4:5:6:7:8', '1:2:3:4::/64', true],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8', true],
    ['10.1.2.3', '::ffff:0:0/96', true],
  ])('%s in %s: %s', (address, network, expected) => expect(isIn(address, network)).toBe(expected))
  test.each([
    '10.0.0.1/8',
    '10.0.0/8',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.4/33',
    '::1/64',
    '10.0.0.0/08',
    '1::2::3',
    '1:2:3:4::5:6:7:8::9',
    '1:2:3:4:5:6:7',
    '1.2.3.4::',
    ':::',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '1.2.3.4:80',
    'fe80::1%eth0',
    '::/129',
    '12345::',
  ])('%s is none', (text) => expect(parseNetwork(text)).toBeUndefined())
})

test.each<[unknown, string]>([
  [{ b: 1, a: { d: [3, 'x'], c: null }, ab: undefined }, '{"a":{"c":null,"d":[3,"x"]},"b":1}'],
  [{ '\u{1f4a9}': 1, '\ufb33': 2, A: 3, a: 4, '': 5 }, '{"":5,"A":3,"a":4,"\u{1f4a9}":1,"\ufb33":2}'],
  [[true, 1e21, '"'], '[true,1e+21,"\\""]'],
])('%j has one text', (value, text) => expect(canonicalJson(value)).toBe(text))
