/** The digits of every script that Unicode has ten of in a row, as ASCII. */
const DIGITS: ReadonlyMap<string, string> = new Map(
  Intl.supportedValuesOf('numberingSystem').flatMap((numberingSystem) => {
    const format = new Intl.NumberFormat('en', { numberingSystem, useGrouping: false })
    const digits = Array.from({ length: 10 }, (_, digit): [string, string] => [
      format.format(digit),
      `${digit}`,
    ])
    return digits.every(([text]) => /^\p{Nd}$/u.test(text)) ? digits : []
  }),
)

/**
 * Invisible characters that copying brings along: joiners, directions, byte order marks, variations; and the
 * frame of a key.
 */
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u20E3]/gu
/** Hyphens, dashes, the minus sign, and the long vowel mark that Japanese keyboards type for one. */
const DASHES = /[\u2010-\u2015\u2212\u30FC]/g
/** What may stand between digits once all else is in its plain form. */
const PLAIN = /^[+\d ().\-/]{4,40}$/
/** `tel:` of RFC 3966 and the like: the number, then parameters. */
const URI = /^(?:tel|sms|callto):(?:\/\/)?([^;?]*)((?:;[^;?]*)*)$/i
/** An apostrophe or a formula that keeps a spreadsheet from reading a number, and the quotes of a text. */
const SPREADSHEET =
  /^(?:="([^"]*)"|=(\+?\d+)|["\u201C\u201D]([^"\u201C\u201D]*)["\u201D]|['\u2018\u2019\u02BC]([^'\u2018\u2019]*)['\u2019]?)$/
/** What a column of numbers puts behind one. */
const BEHIND = /(?<=^\+?\d{7,15})\.0+$/

const readUri = (text: string): string | undefined => {
  const [, number, parameters = ''] = URI.exec(text) ?? []
  if (number === undefined) return text
  const known = parameters.split(';').filter((parameter) => parameter !== '')
  const context = known.find((parameter) => /^phone-context=\+/i.test(parameter))
  // Whatever else qualifies the number, such as an extension, makes it another one.
  if (known.length > (context === undefined ? 0 : 1)) return undefined
  const prefix = context?.slice(context.indexOf('=') + 1) ?? ''
  const decoded = number.replace(/%2B/gi, '+').replace(/%20/g, ' ')
  return decoded.startsWith('+') ? decoded : `${prefix}${decoded}`
}

const readSpreadsheet = (text: string): string => {
  const found = SPREADSHEET.exec(text)?.slice(1) ?? []
  return found.find((inner) => inner !== undefined) ?? text
}

/** The digits of every script as ASCII. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => DIGITS.get(digit) ?? digit)

/**
 * A phone number as people type it, and as phones, contact lists and spreadsheets paste it, in plain ASCII
 * with its country code in front; undefined when it holds anything else. It does not say whether it is a
 * number.
 */
export const plainPhoneText = (text: string): string | undefined => {
  const visible = text
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .replace(DASHES, '-')
    .replace(/[\u00B7\u2022]/g, '.')
    .replace(/[^\S\r\n]+/g, ' ')
    .replace(/^ | $/g, '')
  const number = readUri(readSpreadsheet(asciiDigits(visible).replace(BEHIND, '')))
  if (number === undefined || !PLAIN.test(number)) return undefined
  // `(+91) 98...`, `+(91) 98...`, `+ 91 98...`
  return number.replace(/^\(?\s*\+\s*\(?\s*(\d{1,3})\s*\)/, '+$1 ').replace(/^\+\s+/, '+')
}
