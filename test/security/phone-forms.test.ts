import examples from 'libphonenumber-js/mobile/examples'
import { getCountryCallingCode, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import { expect, test } from 'vitest'
import type { Phone } from '../../daemon/domain/account.ts'
import { knownMobile } from '../../daemon/domain/mobile-plans.ts'
import { classOf } from '../../daemon/domain/number-class.ts'
import { canonicalPhone } from '../../daemon/domain/phone.ts'

const EACH = Number(process.env['PHONES_EACH'] ?? 30)
const COUNTRIES = Object.keys(examples) as CountryCode[]

const digit = (): string => String(Math.floor(Math.random() * 10))
const digits = (count: number): string => Array.from({ length: Math.max(0, count) }, digit).join('')

/** Numbers around the mobiles of a country: with other ends, other beginnings, and too short or too long. */
const around = (country: CountryCode): string[] => {
  const code = getCountryCallingCode(country)
  const example = examples[country]
  return Array.from({ length: EACH }, (_, n) => {
    const kept = n % 5
    const length = example.length + (n % 7 === 0 ? Math.floor(Math.random() * 5) - 2 : 0)
    const changed = n % 11 === 0 ? `0${example.slice(0, kept)}` : example.slice(0, kept)
    return `+${code}${changed}${digits(length - changed.length)}`
  }).concat(`+${code}${example}`, `+${code}${digits(9)}`, `+${digits(11)}`)
}

const resultOf = (text: string, region: string): string => {
  try {
    return canonicalPhone(text, region)
  } catch (error) {
    return (error as { code: string }).code
  }
}

const TYPES = new Map([
  ['MOBILE', 'mobile'],
  ['FIXED_LINE_OR_MOBILE', 'fixed-line-or-mobile'],
  ['FIXED_LINE', 'fixed-line'],
  ['VOIP', 'voip'],
])

test('A12: a number that is recognised at once is what the library would read, in every country', () => {
  const wrong: string[] = []
  const recognised = new Set<string>()
  for (const [index, country] of COUNTRIES.entries()) {
    const region = COUNTRIES[(index * 31) % COUNTRIES.length] ?? 'IN'
    for (const text of around(country)) {
      const mobile = knownMobile(text)
      if (mobile !== undefined) recognised.add(mobile.country)
      // With a space behind, the library reads it.
      if (resultOf(text, region) !== resultOf(`${text} `, region)) wrong.push(`${text} in ${region}`)
      const parsed = parsePhoneNumberFromString(text)
      const expected = { country: parsed?.country, type: TYPES.get(parsed?.getType() ?? '') }
      if (JSON.stringify(classOf(text as Phone)) !== JSON.stringify(expected))
        wrong.push(`the class of ${text}`)
    }
  }
  expect(wrong).toEqual([])
  expect(recognised.size).toBeGreaterThan(150)
})

test('what is not exactly a number in E.164 is left to the library', () => {
  for (const text of [
    '+91 9876543210',
    '919876543210',
    '+919876543210\n',
    '+91987654321０',
    '+0919876543210',
    '+',
    '',
  ])
    expect(knownMobile(text), text).toBe(undefined)
  expect(knownMobile('+919876543210')).toEqual({ callingCode: '91', country: 'IN', isFixedToo: false })
})
