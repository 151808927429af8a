import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import type { Phone } from './account.ts'
import { Failure } from './failure.ts'

const TEXT = /^[+\p{Nd}\s().\-\u2010-\u2015\uFF0B\uFF0D\uFF0E\u00A0]{4,40}$/u

/**
 * The canonical E.164 form of exactly one valid phone number, or an `invalid_phone` failure. This is the only
 * place where a number from outside becomes a `Phone`.
 * @param defaultRegion ISO 3166-1 code in which national formats are read
 */
export const canonicalPhone = (text: string, defaultRegion: string): Phone => {
  const parsed = TEXT.test(text)
    ? parsePhoneNumberFromString(text, { defaultCountry: defaultRegion as CountryCode, extract: false })
    : undefined
  if (parsed === undefined || !parsed.isValid() || parsed.ext !== undefined) {
    throw new Failure('invalid_phone', {
      errors: [{ pointer: '/number', code: 'phone', detail: 'This is not one valid phone number.' }],
    })
  }
  return parsed.number as Phone
}

/** A phone number as it may appear in logs: its last two digits. */
export const maskPhone = (phone: Phone): string => `…${phone.slice(-2)}`
