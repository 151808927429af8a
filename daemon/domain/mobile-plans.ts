import metadata from 'libphonenumber-js/max/metadata'

/**
 * What a number is found to be without parsing it. `isFixedToo`: its range has fixed lines as well, so that
 * nobody can tell.
 */
export interface KnownMobile {
  readonly callingCode: string
  /** ISO 3166-1. */
  readonly country: string
  readonly isFixedToo: boolean
}

/** The mobiles of one calling code. */
interface MobilePlan {
  readonly country: string
  readonly isMobile: (national: string) => boolean
  readonly isFixed: (national: string) => boolean
}

/** The order of a numbering plan that this reads; of any other version it reads nothing. */
const KNOWN_VERSION = 4
const LONGEST_CODE = 3
const E164 = /^\+[1-9]\d{6,14}$/
const BETWEEN_DIGITS = /[ ()-]/g

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Whether a kind of number has this one; of a kind that the plan does not have, none. */
const kindOf = (kind: unknown, lengthsOfPlan: readonly unknown[]): ((national: string) => boolean) => {
  const [pattern, lengths] = listOf(kind)
  if (textOf(pattern) === '') return () => false
  const form = new RegExp(`^(?:${textOf(pattern)})$`)
  const possible = new Set(lengths === undefined || lengths === 0 ? lengthsOfPlan : listOf(lengths))
  return (national) => possible.has(national.length) && form.test(national)
}

/** Whether a format only puts spaces, hyphens and brackets between the digits, and the prefix before them. */
const isPlainFormat = (format: unknown, prefix: string, ruleOfPlan: string): boolean => {
  const [pattern, layout, , ruleOfFormat] = listOf(format).map(textOf)
  if (pattern === undefined || layout === undefined) return false
  const groups = pattern.match(/\((?!\?)/g)?.length ?? 0
  const isAllGroups = /^(?:\((?:[^()]|\(\?:[^()]*\))*\))+$/.test(pattern)
  const inOrder = Array.from({ length: groups }, (_, n) => `$${n + 1}`).join('')
  const rule = ruleOfFormat || ruleOfPlan || '$1'
  const before = rule.replace('$1', '').replace(BETWEEN_DIGITS, '')
  return isAllGroups && layout.replace(BETWEEN_DIGITS, '') === inOrder && (before === '' || before === prefix)
}

/**
 * The plan of a country, where a number that is a mobile by its expression is read as just that number, also
 * when it is dialled at home: no digits are inserted, exchanged or taken for something else.
 */
const compile = (country: string, plan: readonly unknown[]): MobilePlan | undefined => {
  const [code, idd, general, lengths, formats, prefix, rule, prefixForParsing, transform, , , kinds] = plan
  const trunk = textOf(prefix)
  const isPlain =
    (textOf(prefixForParsing) || trunk) === trunk &&
    /^\d*$/.test(trunk) &&
    textOf(transform) === '' &&
    listOf(formats).every((format) => isPlainFormat(format, trunk, textOf(rule)))
  if (!isPlain) return undefined
  const isGeneral = kindOf([general, lengths], [])
  const startsAbroad = new RegExp(`^(?:${textOf(idd)})`)
  const isTakenForAnother = (dialled: string): boolean =>
    startsAbroad.test(dialled) || dialled.startsWith(textOf(code))
  const isMobileByForm = kindOf(listOf(kinds)[1], listOf(lengths))
  return {
    country,
    isMobile: (national) =>
      isMobileByForm(national) &&
      isGeneral(national) &&
      !(trunk !== '' && national.startsWith(trunk)) &&
      !isTakenForAnother(national) &&
      !isTakenForAnother(trunk + national),
    isFixed: kindOf(listOf(kinds)[0], listOf(lengths)),
  }
}

const plans = new Map<string, MobilePlan | undefined>()

const countriesOf = (code: string): readonly string[] | undefined =>
  (metadata.country_calling_codes as Readonly<Record<string, readonly string[]>>)[code]

/** The plan of a calling code that one country has for itself; compiled when it is asked for first. */
const planOf = (code: string): MobilePlan | undefined => {
  if (plans.has(code)) return plans.get(code)
  const [country, ...others] = countriesOf(code) ?? []
  const numbering = (metadata.countries as Readonly<Record<string, readonly unknown[]>>)[country ?? '']
  const isReadable = metadata.version === KNOWN_VERSION && others.length === 0
  const plan =
    country !== undefined && numbering !== undefined && isReadable ? compile(country, numbering) : undefined
  plans.set(code, plan)
  return plan
}

const callingCodeOf = (text: string): string | undefined => {
  for (let length = 1; length <= LONGEST_CODE; length++) {
    const code = text.slice(1, 1 + length)
    if (countriesOf(code) !== undefined || code in metadata.nonGeographic) return code
  }
  return undefined
}

/**
 * What an E.164 text is that the library would read as exactly this mobile number; its expressions are
 * compiled once for each calling code instead of a dozen times for each number. Undefined says nothing: then
 * the library is asked.
 */
export const knownMobile = (text: string): KnownMobile | undefined => {
  if (!E164.test(text)) return undefined
  const callingCode = callingCodeOf(text)
  const plan = callingCode === undefined ? undefined : planOf(callingCode)
  if (callingCode === undefined || plan === undefined) return undefined
  const national = text.slice(1 + callingCode.length)
  if (!plan.isMobile(national)) return undefined
  return { callingCode, country: plan.country, isFixedToo: plan.isFixed(national) }
}
