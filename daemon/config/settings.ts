import type { SmsHosts } from '../domain/sms-text.ts'
import { NUMBER_TYPES } from '../domain/number-types.ts'
import { ROLE_NAMES, type Role } from '../domain/account.ts'

/** Seconds by role. */
export type RoleSeconds = Readonly<Record<Role, number>>

/** How the text of a setting becomes its value; throws an Error whose message says what is allowed. */
type Parse<T> = (text: string) => T

/** One setting: how it is read, what it is by default, and what the reference says of it. */
export interface Setting<T> {
  readonly parse: Parse<T>
  /** Undefined: unset. Given as text, so that the reference shows it as a user would write it. */
  readonly fallback: string | undefined
  readonly unit?: string
  readonly meaning: string
  /** Never printed; also read from `NAME_FILE`. */
  readonly secret?: boolean
}

const fail = (message: string): never => {
  throw new Error(message)
}

const text: Parse<string> = (value) => (value === '' ? fail('must not be empty') : value)

const integer =
  (min: number, max: number): Parse<number> =>
  (value) =>
    /^-?\d+$/.test(value) && Number(value) >= min && Number(value) <= max
      ? Number(value)
      : fail(`must be a whole number from ${min} to ${max}`)

/** A share of a hundred, with at most three decimals. */
const percentage: Parse<number> = (value) =>
  /^\d{1,3}(\.\d{1,3})?$/.test(value) && Number(value) <= 100
    ? Number(value)
    : fail('must be a number from 0 to 100, such as 0.5')

const flag: Parse<boolean> = (value) =>
  value === 'true' || value === '1'
    ? true
    : value === 'false' || value === '0'
      ? false
      : fail('must be true or false')

const choice =
  <const T extends string>(...values: readonly T[]): Parse<T> =>
  (value) =>
    values.find((known) => known === value) ?? fail(`must be one of ${values.join(', ')}`)

const httpUrl: Parse<string> = (value) => {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) return fail('must be an http or https URL')
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    return fail('must have no query, fragment or user')
  return value.replace(/\/+$/, '')
}

const secretOf =
  (minBytes: number): Parse<string> =>
  (value) =>
    Buffer.byteLength(value) >= minBytes
      ? value
      : fail(`must have at least ${minBytes} bytes; try: openssl rand -base64 48`)

const roleSeconds: Parse<RoleSeconds> = (value) => {
  const given = new Map(value.split(',').map((pair) => pair.split('=', 2) as [string, string]))
  const seconds = ROLE_NAMES.map((role) => [role, integer(1, 31_536_000)(given.get(role) ?? '')] as const)
  if (given.size !== ROLE_NAMES.length) fail(`must name ${ROLE_NAMES.join(', ')} once each, as role=seconds`)
  return Object.fromEntries(seconds) as unknown as RoleSeconds
}

/** A MongoDB connection string; what it says beyond its scheme and hosts is the driver's to judge. */
const mongoUri: Parse<string> = (value) =>
  /^mongodb(\+srv)?:\/\/[^/\s]+(\/\S*)?$/.test(value)
    ? value
    : fail('must be a connection string that starts with mongodb:// or mongodb+srv://')

const list: Parse<readonly string[]> = (value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean)

const regionNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
const isCountry = (code: string): boolean => /^[A-Z]{2}$/.test(code) && regionNames.of(code) !== undefined

/** ISO 3166-1 codes, or `*`. */
const countries: Parse<readonly string[]> = (value) => {
  if (value.trim() === '*') return ['*']
  const codes = list(value)
  const unknown = codes.find((code) => !isCountry(code))
  if (unknown !== undefined) return fail(`${unknown} is not an ISO 3166-1 code such as IN`)
  return codes.length > 0 ? codes : fail('must name a country, or be *')
}

const choices =
  <const T extends string>(...values: readonly T[]): Parse<readonly T[]> =>
  (value) => {
    const chosen = list(value).map(choice(...values))
    return chosen.length > 0 ? chosen : fail(`must name one of ${values.join(', ')}`)
  }

/** Whole prices by country, and `*` for all others. */
const prices: Parse<Readonly<Record<string, number>>> = (value) => {
  const pairs = list(value).map((pair): [string, number] => {
    const [country = '', price = ''] = pair.split('=', 2)
    if (country !== '*' && !isCountry(country)) return fail(`${country} is not a country code or *`)
    return [country, integer(0, 1_000_000_000)(price)]
  })
  const known = Object.fromEntries(pairs)
  return '*' in known ? known : fail('must have a price for *, every other country, such as IN=25,*=1000')
}

const origins: Parse<readonly string[]> = (value) =>
  list(value).map((origin) =>
    URL.parse(origin)?.origin === origin
      ? origin
      : fail(`${origin} is not an origin such as https://app.example.com`),
  )

/** The host of an origin that a browser takes codes for: HTTPS, on its own port. */
const boundHost = (origin: string): string => {
  const url = URL.parse(origin)
  return url?.origin === origin && url.protocol === 'https:' && url.port === ''
    ? url.hostname
    : fail(`${origin} is not an origin such as https://app.example.com`)
}

/** One origin, or several by application, and `*` for all others. */
const smsHosts: Parse<SmsHosts> = (value) => {
  const pairs = list(value).map((pair): [string, string] => {
    const [, application = '*', origin = ''] = /^(?:([A-Za-z0-9._~*-]{1,64})=)?(.*)$/.exec(pair) ?? []
    return [application, boundHost(origin)]
  })
  return pairs.length > 0 ? Object.fromEntries(pairs) : fail('must name an origin')
}

/**
 * A hop count, or the addresses and CIDR blocks of the proxies. Never `true`: it would believe every caller.
 */
const trustProxy: Parse<number | readonly string[]> = (value) => {
  if (/^\d$/.test(value)) return Number(value)
  const blocks = list(value)
  return blocks.length > 0 && blocks.every((block) => /^[0-9a-fA-F:.]+(\/\d{1,3})?$/.test(block))
    ? blocks
    : fail('must be a number of hops (0 to 9) or a list of proxy addresses or CIDR blocks')
}

const setting = <T, const F extends string | undefined = undefined>(
  definition: Omit<Setting<T>, 'fallback'> & { readonly fallback?: F },
) => definition as Setting<T> & { readonly fallback: F }

/**
 * Every setting of the daemon: the one place where it has a name, a default, a unit and a meaning. The
 * reference is generated from it.
 */
export const SETTINGS = {
  NODE_ENV: setting({
    parse: choice('development', 'production', 'test'),
    fallback: 'development',
    meaning:
      '`production` refuses generated secrets, the OTP outbox, an implicit data directory and a missing `PUBLIC_URL`.',
  }),
  HOST: setting({ parse: text, fallback: '127.0.0.1', meaning: 'Address to listen on.' }),
  PORT: setting({
    parse: integer(0, 65_535),
    fallback: '8000',
    meaning: 'Port to listen on; 0 takes a free one.',
  }),
  PUBLIC_URL: setting({
    parse: httpUrl,
    meaning:
      'Where callers reach the daemon: the only source of the issuer and of links. Required in production; the same for all daemons of one store. Unset: `http://HOST:PORT`.',
  }),
  MONGO_DB_URI: setting({
    parse: mongoUri,
    secret: true,
    meaning:
      'Connection string of the MongoDB replica set or sharded cluster to use (database `authctl` unless it names another); unset = embedded SQLite in `AUTHCTL_DATA_DIR`. Production requires TLS and authentication.',
  }),
  AUTHCTL_CONFIG: setting({
    parse: text,
    meaning: 'A JSON file of settings, by these names. The environment overrides it.',
  }),
  AUTHCTL_DATA_DIR: setting({
    parse: text,
    fallback: './data',
    meaning:
      'Directory (mode 0700) of the SQLite file, generated secrets, the set-up token and the OTP outbox. Production needs it named.',
  }),
  AUTHCTL_SECRET: setting({
    parse: secretOf(32),
    secret: true,
    meaning:
      'Root of the keys that MAC one-time codes, derive refresh tokens and encrypt what must wait in the store. Generated into the data directory if unset; required in production.',
  }),
  REFRESH_KEY_SECRET: setting({
    parse: secretOf(32),
    secret: true,
    meaning:
      'Key of the HMAC under which refresh keys are stored. Generated into the data directory if unset; required in production.',
  }),
  JWT_SECRET: setting({
    parse: secretOf(32),
    secret: true,
    meaning:
      'Set: access tokens are HS256 with this secret. Unset: Ed25519 with a key that the daemon generates and publishes.',
  }),
  AUTHCTL_AUDIENCE: setting({
    parse: text,
    fallback: 'authctl',
    meaning: 'The `aud` claim of access tokens.',
  }),
  AUTHCTL_ACCESS_TOKEN_TTL: setting({
    parse: integer(1, 3600),
    fallback: '900',
    unit: 's',
    meaning: 'Life of an access token.',
  }),
  AUTHCTL_CLOCK_LEEWAY: setting({
    parse: integer(0, 30),
    fallback: '30',
    unit: 's',
    meaning: 'How far clocks may differ when `exp` and `nbf` are checked.',
  }),
  AUTHCTL_REFRESH_GRACE: setting({
    parse: integer(0, 60),
    fallback: '10',
    unit: 's',
    meaning: 'How long a rotated refresh token still answers with its successor.',
  }),
  AUTHCTL_MAX_SESSIONS: setting({
    parse: integer(1, 1000),
    fallback: '50',
    meaning: 'Live sessions of one account; a further sign-in ends the oldest.',
  }),
  AUTHCTL_READ_CACHE_ROWS: setting({
    parse: integer(0, 1_000_000),
    fallback: '10000',
    meaning:
      'Sessions, and accounts, that are kept in memory while nothing has changed them (SQLite only); 0 reads them anew each time.',
  }),
  AUTHCTL_SESSION_IDLE: setting({
    parse: roleSeconds,
    fallback: 'super-admin=3600,admin=3600,client=86400,sub-client=86400,user=2592000',
    unit: 's',
    meaning: 'A session that is not refreshed for this long ends.',
  }),
  AUTHCTL_SESSION_ABSOLUTE: setting({
    parse: roleSeconds,
    fallback: 'super-admin=86400,admin=86400,client=2592000,sub-client=2592000,user=7776000',
    unit: 's',
    meaning: 'A session ends this long after its sign-in, whatever happens in it.',
  }),
  AUTHCTL_OTP_TTL: setting({
    parse: integer(1, 600),
    fallback: '300',
    unit: 's',
    meaning: 'Life of a one-time code.',
  }),
  AUTHCTL_OTP_DIGITS: setting({
    parse: integer(6, 10),
    fallback: '6',
    meaning: 'Digits of a one-time code.',
  }),
  AUTHCTL_DEFAULT_REGION: setting({
    parse: (value) => (/^[A-Z]{2}$/.test(value) ? value : fail('must be an ISO 3166-1 code such as IN')),
    fallback: 'IN',
    meaning: 'Region in which phone numbers without a country code are read.',
  }),
  FAST2SMS_API_KEY: setting({ parse: text, secret: true, meaning: 'Turns the Fast2SMS sender on.' }),
  AUTHCTL_FAST2SMS_URL: setting({
    parse: httpUrl,
    fallback: 'https://www.fast2sms.com',
    meaning: 'Base URL of Fast2SMS.',
  }),
  AUTHCTL_FAST2SMS_ROUTE: setting({
    parse: choice('otp', 'dlt'),
    fallback: 'otp',
    meaning:
      'Fast2SMS route: `otp` (fixed text) or `dlt` (your DLT template; needs the sender and message ids).',
  }),
  AUTHCTL_FAST2SMS_SENDER_ID: setting({
    parse: (value) => (/^[A-Za-z]{3,6}$/.test(value) ? value : fail('must be 3 to 6 letters')),
    meaning: 'DLT sender id; needed by the `dlt` route.',
  }),
  AUTHCTL_FAST2SMS_MESSAGE_ID: setting({
    parse: (value) =>
      /^\d{1,20}$/.test(value) ? value : fail('must be the numeric id from the DLT manager'),
    meaning: 'DLT message id; needed by the `dlt` route.',
  }),
  AUTHCTL_SMS_WEBHOOK_URL: setting({
    parse: httpUrl,
    meaning: 'Turns the webhook sender on: codes are POSTed here, signed.',
  }),
  AUTHCTL_SMS_WEBHOOK_SECRET: setting({
    parse: secretOf(16),
    secret: true,
    meaning:
      'Key of the webhook signature (Standard Webhooks); what follows `whsec_` is read as base64. Required with the webhook.',
  }),
  AUTHCTL_SMS_WEBHOOK_ALLOW_PRIVATE: setting({
    parse: flag,
    fallback: 'false',
    meaning: 'Allow a webhook on a loopback, private or link-local address.',
  }),
  AUTHCTL_SMS_ORIGIN: setting({
    parse: smsHosts,
    meaning:
      'Origin of the page that codes are typed into, such as `https://app.example.com`, or several by application, such as `shop=https://shop.example.com,*=https://app.example.com`. Messages then end in `@host #code`, by which browsers hand the code to that page (WebOTP).',
  }),
  AUTHCTL_SMS_COUNTRIES: setting({
    parse: countries,
    meaning:
      'Countries whose numbers get codes: ISO 3166-1 codes, comma-separated, or `*` for every one. Unset: that of `AUTHCTL_DEFAULT_REGION` alone.',
  }),
  AUTHCTL_SMS_NUMBER_TYPES: setting({
    parse: choices(...NUMBER_TYPES),
    fallback: 'mobile,fixed-line-or-mobile',
    meaning:
      'Kinds of number that get codes: `mobile`, `fixed-line-or-mobile` (where the two cannot be told apart), `fixed-line`, `voip`. Premium rate, shared cost, personal, satellite, pager and unknown numbers never do.',
  }),
  AUTHCTL_SMS_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '1000',
    unit: 'messages',
    meaning: 'Codes that all daemons together send in an hour, at most.',
  }),
  AUTHCTL_SMS_DAILY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '10000',
    unit: 'messages',
    meaning: 'Codes that all daemons together send in a day, at most.',
  }),
  AUTHCTL_SMS_COUNTRY_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '500',
    unit: 'messages',
    meaning: 'Codes to one country in an hour, at most.',
  }),
  AUTHCTL_SMS_COUNTRY_DAILY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '5000',
    unit: 'messages',
    meaning: 'Codes to one country in a day, at most.',
  }),
  AUTHCTL_SMS_PREFIX_HOURLY: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '20',
    unit: 'messages',
    meaning: 'Codes in an hour, at most, to numbers that differ in their last four digits only.',
  }),
  AUTHCTL_SMS_PRICES: setting({
    parse: prices,
    fallback: 'IN=25,*=1000',
    unit: "the currency's smallest unit",
    meaning:
      'What one message costs, by country, as country=price; `*` is every other country. Whole numbers, such as paise or cents.',
  }),
  AUTHCTL_SMS_SPEND_HOURLY: setting({
    parse: integer(1, 1_000_000_000_000),
    fallback: '50000',
    unit: "the currency's smallest unit",
    meaning: 'What all messages of an hour may cost together.',
  }),
  AUTHCTL_SMS_SPEND_DAILY: setting({
    parse: integer(1, 1_000_000_000_000),
    fallback: '500000',
    unit: "the currency's smallest unit",
    meaning: 'What all messages of a day may cost together.',
  }),
  AUTHCTL_SMS_CONVERSION_SENDS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '50',
    unit: 'messages',
    meaning:
      'From so many codes in an hour on, to a country or to numbers that differ in their last four digits only, it counts how many of them were used.',
  }),
  AUTHCTL_SMS_CONVERSION_PERCENT: setting({
    parse: integer(0, 100),
    fallback: '20',
    unit: '%',
    meaning:
      'If fewer of these codes than that were used, no more are sent there for up to an hour; 0 turns it off.',
  }),
  AUTHCTL_OTP_NUMBERS_PER_ADDRESS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '10',
    unit: 'numbers',
    meaning: 'Different numbers that one address (of IPv6 a /64) may ask codes for in an hour.',
  }),
  AUTHCTL_OTP_VERIFIES_PER_ADDRESS: setting({
    parse: integer(1, 1_000_000_000),
    fallback: '30',
    unit: 'codes',
    meaning: 'Codes that one address (of IPv6 a /64) may try in ten minutes, over all numbers.',
  }),
  AUTHCTL_RATE_LIMITS: setting({
    parse: choice('on', 'off'),
    fallback: 'on',
    meaning:
      'Rate limits on sign-in and OTP, and SMS budgets. `off` is for load tests and refused in production.',
  }),
  AUTHCTL_TRUST_PROXY: setting({
    parse: trustProxy,
    fallback: '0',
    meaning:
      'Proxies whose `X-Forwarded-For` is believed: a number of hops, or their addresses or CIDR blocks.',
  }),
  AUTHCTL_SILENT_CONNECTIONS: setting({
    parse: integer(1, 10_000),
    fallback: '256',
    meaning:
      'Connections of one address (IPv6: one /64) that may be open without having sent a request; the oldest of more are closed.',
  }),
  AUTHCTL_CORS_ORIGINS: setting({
    parse: origins,
    fallback: '',
    meaning: 'Origins that browsers may call from, comma-separated; none by default.',
  }),
  AUTHCTL_CLEANUP_CRON: setting({
    parse: text,
    fallback: '*/5 * * * *',
    meaning:
      'When expired codes, sessions, idempotency keys and limits are deleted (cron syntax, UTC; a sixth field in front is seconds).',
  }),
  AUTHCTL_RECORD_DECISIONS: setting({
    parse: percentage,
    fallback: '0',
    unit: '%',
    meaning:
      'How many of the decisions are recorded for `authctl policies plan --replay`, drawn at random; 0 records none. Ids, actions, resources, addresses and contexts are kept; no facts of accounts, and no values that a service marks as private.',
  }),
  AUTHCTL_RECORD_FILE: setting({
    parse: text,
    meaning:
      'The file (mode 0600) that decisions are recorded in. Unset: `decisions.jsonl` in the data directory. When it is full it becomes `FILE.1`.',
  }),
  AUTHCTL_RECORD_MEGABYTES: setting({
    parse: integer(2, 1_000_000),
    fallback: '256',
    unit: 'MB',
    meaning: 'How large the recording may grow, both files together; a million decisions take about 220 MB.',
  }),
  AUTHCTL_HEARTBEAT: setting({
    parse: integer(1, 3600),
    fallback: '10',
    unit: 'seconds',
    meaning:
      'How often a daemon says that it lives and by which policies it decides; it says so at once when they change. One that has said nothing for three times as long and five seconds counts as gone.',
  }),
  AUTHCTL_DRAIN_DELAY: setting({
    parse: integer(0, 30_000),
    fallback: '500',
    unit: 'ms',
    meaning: 'After SIGTERM, how long `/readyz` answers 503 before the daemon stops accepting connections.',
  }),
  AUTHCTL_LOG_LEVEL: setting({
    parse: choice('debug', 'info', 'warn', 'error', 'silent'),
    fallback: 'info',
    meaning:
      'Log level. Audit events are written at every level but `silent`. The same fields are kept out of the log at every level.',
  }),
  AUTHCTL_MAX_WAITING_REQUESTS: setting({
    parse: integer(1, 100_000),
    fallback: '500',
    unit: 'requests',
    meaning:
      'Requests that may wait for their turn when more is asked than can be answered; further ones get 503 with `Retry-After` at once, and so does what has waited for 0.75 s of its work. Probes and metrics never wait.',
  }),
  AUTHCTL_METRICS: setting({
    parse: flag,
    fallback: 'false',
    meaning: 'Serve Prometheus metrics at `/metrics`.',
  }),
  AUTHCTL_DOCS: setting({
    parse: flag,
    fallback: 'true',
    meaning: 'Serve `/openapi.json`, `/docs` and `/redoc`.',
  }),
} as const

/** The name of a setting, as an environment variable. */
export type SettingName = keyof typeof SETTINGS

type ValueOf<S> = S extends { parse: (text: string) => infer T; fallback: infer F }
  ? F extends string
    ? T
    : T | undefined
  : never

/** The daemon's configuration: every setting parsed; those without a default may be undefined. */
export type Settings = { readonly [N in SettingName]: ValueOf<(typeof SETTINGS)[N]> }

/** Where a value came from, strongest first. */
export type SettingOrigin = 'flag' | 'environment' | '.env' | 'file' | 'default' | 'unset'

/** A configuration that was read without a problem, and where each value came from. */
export interface LoadedConfig {
  readonly settings: Settings
  readonly origins: Readonly<Record<SettingName, SettingOrigin>>
}

/** `AUTHCTL_*` names that belong to the command line and are no settings of the daemon. */
export const CLI_NAMES: readonly string[] = [
  'AUTHCTL_SERVER',
  'AUTHCTL_CONTEXT',
  'AUTHCTL_TOKEN',
  'AUTHCTL_NO_INPUT',
  'AUTHCTL_SETUP_TOKEN',
  'AUTHCTL_PASSWORD',
  'AUTHCTL_CONFIG_DIR',
]
