import { parseBlock } from '../domain/address.ts'
import { ROLE_NAMES, type Role } from '../domain/account.ts'
import type { SmsHosts } from '../domain/sms-text.ts'
import { isCountry } from './countries.ts'

/** How the text of a setting becomes its value; throws an Error whose message says what is allowed. */
export type Parse<T> = (text: string) => T

/** Refuses a text: `message` says what is allowed. */
export const fail = (message: string): never => {
  throw new Error(message)
}

/** Whatever is not empty. */
export const text: Parse<string> = (value) => (value === '' ? fail('must not be empty') : value)

/** A whole number within bounds. */
export const integer =
  (min: number, max: number): Parse<number> =>
  (value) =>
    /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : fail(`must be a whole number from ${min} to ${max}`)

/** A share of a hundred, with at most three decimals. */
export const percentage: Parse<number> = (value) =>
  /^\d{1,3}(\.\d{1,3})?$/.test(value) && Number(value) <= 100
    ? Number(value)
    : fail('must be a number from 0 to 100, such as 0.5')

/** Yes or no. */
export const flag: Parse<boolean> = (value) =>
  value === 'true' || value === '1'
    ? true
    : value === 'false' || value === '0'
      ? false
      : fail('must be true or false')

/** One of some words. */
export const choice =
  <const T extends string>(...values: readonly T[]): Parse<T> =>
  (value) =>
    values.find((known) => known === value) ?? fail(`must be one of ${values.join(', ')}`)

const list: Parse<readonly string[]> = (value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

/** Some of some words, at least one. */
export const choices =
  <const T extends string>(...values: readonly T[]): Parse<readonly T[]> =>
  (value) => {
    const chosen = list(value).map(choice(...values))
    return chosen.length > 0 ? chosen : fail(`must name one of ${values.join(', ')}`)
  }

/** Items such as `name=value`, each name once; an item without a name has the given one. */
const pairs = (value: string, unnamed?: string): Map<string, string> => {
  const found = new Map<string, string>()
  for (const item of list(value)) {
    const at = unnamed !== undefined && !/^[^=:/]*=/.test(item) ? -1 : item.indexOf('=')
    const name = at === -1 ? (unnamed ?? item) : item.slice(0, at).trim()
    if (found.has(name)) fail(`names ${name} twice: keep one`)
    found.set(name, item.slice(at + 1).trim())
  }
  return found
}

/** An http or https URL in its normal form, which has neither a query nor anybody's name or password. */
export const endpointUrl: Parse<string> = (value) => {
  const url = /\s/.test(value) ? null : URL.parse(value)
  if (url === null || !/^https?:\/\//i.test(value)) return fail('must be an http or https URL')
  if (/[?#]/.test(value) || url.username !== '' || url.password !== '')
    return fail('must have no query, fragment, user or password')
  return url.href
}

/** One that paths are put behind: without a slash at its end. */
export const baseUrl: Parse<string> = (value) => endpointUrl(value).replace(/\/+$/, '')

/** What a socket can be bound to. */
export const host: Parse<string> = (value) =>
  /^[\w.-]+$/.test(value) || (/^[\da-f:.]+(?:%\w+)?$/i.test(value) && parseBlock(value) !== undefined)
    ? value
    : fail('must be an address such as 127.0.0.1 or ::, or a name, without brackets or a port')

/** A secret of so many bytes at least. */
export const secretOf =
  (minBytes: number): Parse<string> =>
  (value) =>
    Buffer.byteLength(value) >= minBytes
      ? value
      : fail(`must have at least ${minBytes} bytes; try: openssl rand -base64 48`)

const WEBHOOK_KEY_BYTES = 16
const STANDARD_KEY = /^whsec_([A-Za-z0-9+/_-]*={0,2})$/

/** What follows `whsec_` is read as base64, and what is none would be no key. */
export const webhookSecret: Parse<string> = (value) => {
  if (!value.startsWith('whsec_')) return secretOf(WEBHOOK_KEY_BYTES)(value)
  const [, base64 = ''] = STANDARD_KEY.exec(value) ?? []
  return Buffer.from(base64, 'base64').length >= WEBHOOK_KEY_BYTES
    ? value
    : fail(`must have at least ${WEBHOOK_KEY_BYTES} bytes in base64 behind whsec_`)
}

/** A key that is sent as a header. */
export const headerKey: Parse<string> = (value) =>
  /^[\x21-\x7e]+$/.test(value) ? value : fail('must be visible ASCII characters, without quotation marks')

/** Seconds by role. */
export type RoleSeconds = Readonly<Record<Role, number>>

/** Seconds for each role. */
export const roleSeconds: Parse<RoleSeconds> = (value) => {
  const given = pairs(value)
  if (given.size !== ROLE_NAMES.length || !ROLE_NAMES.every((role) => given.has(role)))
    fail(`must name ${ROLE_NAMES.join(', ')} once each, as role=seconds`)
  const seconds = ROLE_NAMES.map((role) => [role, integer(1, 31_536_000)(given.get(role) ?? '')] as const)
  return Object.fromEntries(seconds) as unknown as RoleSeconds
}

/** A MongoDB connection string; what it says beyond its scheme and hosts is the driver's to judge. */
export const mongoUri: Parse<string> = (value) =>
  /^mongodb(\+srv)?:\/\/[^/\s]+(\/\S*)?$/.test(value)
    ? value
    : fail('must be a connection string that starts with mongodb:// or mongodb+srv://')

/** One country. */
export const country: Parse<string> = (value) =>
  isCountry(value) ? value : fail(`${value} is not an ISO 3166-1 code of a country with phones, such as IN`)

/** Countries, or `*`. */
export const countries: Parse<readonly string[]> = (value) => {
  if (value.trim() === '*') return ['*']
  const codes = list(value).map(country)
  return codes.length > 0 ? codes : fail('must name a country, or be *')
}

/** Whole prices by country, and `*` for all others. */
export const prices: Parse<Readonly<Record<string, number>>> = (value) => {
  const known = Object.fromEntries(
    [...pairs(value)].map(([name, price]): [string, number] => [
      name === '*' ? name : country(name),
      integer(0, 1_000_000_000)(price),
    ]),
  )
  return '*' in known ? known : fail('must have a price for *, every other country, such as IN=25,*=1000')
}

const origin: Parse<string> = (value) =>
  URL.parse(value)?.origin === value && !value.includes('*')
    ? value
    : fail(`${value} is not an origin such as https://app.example.com`)

/** Origins as browsers send them. */
export const origins: Parse<readonly string[]> = (value) => list(value).map(origin)

/** The host of an origin that a browser takes codes for: HTTPS, on its own port. */
const boundHost: Parse<string> = (value) => {
  const { protocol, port, hostname } = new URL(origin(value))
  return protocol === 'https:' && port === ''
    ? hostname
    : fail(`${value} is not an origin such as https://app.example.com`)
}

/** One origin, or several by application, and `*` for all others. */
export const smsHosts: Parse<SmsHosts> = (value) => {
  const found = [...pairs(value, '*')].map(([application, page]): [string, string] => [
    /^[A-Za-z0-9._~*-]{1,64}$/.test(application) ? application : fail(`${application} is no application`),
    boundHost(page),
  ])
  return found.length > 0 ? Object.fromEntries(found) : fail('must name an origin')
}

/**
 * A hop count, or the addresses and CIDR blocks of the proxies. Never `true`, nor a block of all addresses:
 * it would believe every caller.
 */
export const trustProxy: Parse<number | readonly string[]> = (value) => {
  if (/^\d$/.test(value)) return Number(value)
  const blocks = list(value)
  return blocks.length > 0 && blocks.every((block) => (parseBlock(block)?.prefix ?? 0) > 0)
    ? blocks
    : fail(
        'must be a number of hops (0 to 9) or a list of proxy addresses or CIDR blocks, such as 10.0.0.0/8,::1',
      )
}
