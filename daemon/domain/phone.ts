import { parsePhoneNumberFromString, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max'
import type { Phone } from './account.ts'
import { Failure } from './failure.ts'
import { knownMobile } from './mobile-plans.ts'
import { plainPhoneText } from './phone-text.ts'

/** A number that one subscriber is also reached by. */
interface Variant {
  readonly countryCallingCode: string
  /** The national number without its national prefix. */
  readonly form: RegExp
  readonly canonical: string
  /** The form passes as another kind of number. Unset: a form that is valid stays as it is. */
  readonly isValidToo?: true
}

/**
 * National variants: what people dial or have kept, and the form that is canonical. Mobiles of Argentina have
 * a 9 after the country code when they are called from abroad, and share their plan with fixed lines, so that
 * with and without it is one subscriber. Mexico dropped a 1 in 2019, and 01, 044 and 045 at home; Brazil
 * (2016), Ivory Coast (2021, by operator) and Benin (2024) put digits in front of all older numbers.
 */
const VARIANTS: readonly Variant[] = [
  { countryCallingCode: '54', form: /^([1-3]\d{9})$/, canonical: '+549$1', isValidToo: true },
  { countryCallingCode: '52', form: /^(?:0?1|04[45])(\d{10})$/, canonical: '+52$1' },
  { countryCallingCode: '55', form: /^(\d{2})([6-9]\d{7})$/, canonical: '+55$19$2' },
  { countryCallingCode: '225', form: /^(\d[1-3]\d{6})$/, canonical: '+22501$1' },
  { countryCallingCode: '225', form: /^(\d[4-6]\d{6})$/, canonical: '+22505$1' },
  { countryCallingCode: '225', form: /^(\d[7-9]\d{6})$/, canonical: '+22507$1' },
  { countryCallingCode: '229', form: /^([4-9]\d{7})$/, canonical: '+22901$1' },
]

const VARIED_CODES: ReadonlySet<string> = new Set(
  VARIANTS.map(({ countryCallingCode }) => countryCallingCode),
)

const isMobile = (number: PhoneNumber | undefined): number is PhoneNumber =>
  number?.isValid() === true && ['MOBILE', 'FIXED_LINE_OR_MOBILE'].includes(number.getType() ?? '')

/** The canonical variant, where the number is another one of a mobile. */
const ofVariant = (number: PhoneNumber): PhoneNumber | undefined => {
  const national: string = number.nationalNumber
  const variant = VARIANTS.find(
    ({ countryCallingCode, form, isValidToo }) =>
      countryCallingCode === number.countryCallingCode &&
      form.test(national) &&
      (isValidToo === true || !number.isValid()),
  )
  if (variant === undefined) return undefined
  const changed = parsePhoneNumberFromString(national.replace(variant.form, variant.canonical))
  return isMobile(changed) ? changed : undefined
}

/**
 * What is dialled at home is one subscriber: where a country has two valid forms of it, such as Gabon with
 * and without a leading zero, the one that the national form is read as.
 */
const ofDialling = (number: PhoneNumber): PhoneNumber => {
  if (number.country === undefined) return number
  const dialled = parsePhoneNumberFromString(number.formatNational(), number.country)
  return dialled?.isValid() === true ? dialled : number
}

const read = (text: string, defaultRegion: string): PhoneNumber | undefined => {
  const plain = plainPhoneText(text)
  if (plain === undefined) return undefined
  const parsed = parsePhoneNumberFromString(plain, {
    defaultCountry: defaultRegion as CountryCode,
    extract: false,
  })
  if (parsed === undefined || parsed.ext !== undefined) return undefined
  const variant = ofVariant(parsed)
  if (variant !== undefined) return variant
  return parsed.isValid() ? ofDialling(parsed) : undefined
}

/**
 * The canonical E.164 form of exactly one valid phone number, or an `invalid_phone` failure. This is the only
 * place where a number from outside becomes a `Phone`; one subscriber has one form.
 * @param defaultRegion ISO 3166-1 code in which national formats are read
 */
export const canonicalPhone = (text: string, defaultRegion: string): Phone => {
  const mobile = knownMobile(text)
  if (mobile !== undefined && !VARIED_CODES.has(mobile.callingCode)) return text as Phone
  const number = read(text, defaultRegion)
  if (number === undefined) {
    throw new Failure('invalid_phone', {
      errors: [{ pointer: '/number', code: 'phone', detail: 'This is not one valid phone number.' }],
    })
  }
  return number.number as Phone
}

/**
 * Forms that older versions took for canonical, under which accounts may still be stored. They reach the same
 * subscriber.
 */
const EARLIER_FORMS: readonly (readonly [form: RegExp, earlier: string])[] = [
  [/^\+549(\d{10})$/, '+54$1'],
  [/^\+2410(\d{7})$/, '+241$1'],
]

/** The forms under which the account of a phone may be stored, the canonical one first. */
export const storedForms = (phone: Phone): Phone[] => [
  phone,
  ...EARLIER_FORMS.filter(([form]) => form.test(phone)).map(
    ([form, earlier]) => phone.replace(form, earlier) as Phone,
  ),
]

/** A phone number as it may appear in logs: its last two digits. */
export const maskPhone = (phone: Phone): string => `…${phone.slice(-2)}`
