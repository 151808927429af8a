import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { Phone } from './account.ts'
import { knownMobile } from './mobile-plans.ts'
import type { NumberType } from './number-types.ts'

const TYPES: Readonly<Record<string, NumberType>> = {
  MOBILE: 'mobile',
  FIXED_LINE_OR_MOBILE: 'fixed-line-or-mobile',
  FIXED_LINE: 'fixed-line',
  VOIP: 'voip',
}

/** What decides whether and at what price a number is served. */
export interface NumberClass {
  /** ISO 3166-1; undefined of numbers that belong to no country, such as satellite phones (+870, +881). */
  readonly country: string | undefined
  /** Undefined: a kind that is never served. */
  readonly type: NumberType | undefined
}

/** The country and the kind of a canonical number. */
export const classOf = (phone: Phone): NumberClass => {
  const mobile = knownMobile(phone)
  if (mobile !== undefined)
    return { country: mobile.country, type: mobile.isFixedToo ? 'fixed-line-or-mobile' : 'mobile' }
  const parsed = parsePhoneNumberFromString(phone)
  return { country: parsed?.country, type: TYPES[parsed?.getType() ?? ''] }
}

/** The block of 10,000 numbers that a number is in: E.164 without its last four digits (F5). */
export const blockOf = (phone: Phone): string => phone.slice(0, -4)
