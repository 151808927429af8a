import { validate as isCronExpression } from 'node-cron'
import type { LoadedConfig } from './settings.ts'

type Refusal = (config: LoadedConfig) => string | false | undefined

/** Whether a MongoDB connection string asks for TLS, as `mongodb+srv` does unless it is told otherwise. */
export const usesTls = (uri: string): boolean => {
  const option = /[?&](?:tls|ssl)=(true|false)/i.exec(uri)?.[1]?.toLowerCase()
  return option === undefined ? uri.startsWith('mongodb+srv:') : option === 'true'
}

/** Whether a MongoDB connection string names a user, or a mechanism that needs none, such as MONGODB-X509. */
export const authenticates = (uri: string): boolean =>
  /^[^/]+\/\/[^/@]+@/.test(uri) || /[?&]authMechanism=/i.test(uri)

/**
 * A message that costs more than all messages may cost together is never sent. The price for a country that
 * gets none does not matter, nor does any without limits.
 */
const spendsNothing =
  (name: 'AUTHCTL_SMS_SPEND_HOURLY' | 'AUTHCTL_SMS_SPEND_DAILY'): Refusal =>
  ({ settings: s }) => {
    const prices = s.AUTHCTL_SMS_PRICES
    const served = s.AUTHCTL_SMS_COUNTRIES ?? [s.AUTHCTL_DEFAULT_REGION]
    const priced = served.includes('*')
      ? Object.keys(prices)
      : served.map((country) => (Object.hasOwn(prices, country) ? country : '*'))
    const dear = priced.find((country) => (prices[country] ?? 0) > s[name])
    return (
      dear !== undefined &&
      s.AUTHCTL_RATE_LIMITS === 'on' &&
      `${name}=${s[name]} pays for no message at the price ${dear}=${prices[dear]} of AUTHCTL_SMS_PRICES: raise it, or serve no such country`
    )
  }

/** What must hold between settings, in every environment. */
const ALWAYS: readonly Refusal[] = [
  ({ settings: s }) =>
    s.AUTHCTL_SMS_WEBHOOK_URL !== undefined &&
    s.AUTHCTL_SMS_WEBHOOK_SECRET === undefined &&
    'AUTHCTL_SMS_WEBHOOK_SECRET is required with AUTHCTL_SMS_WEBHOOK_URL',
  ({ settings: s }) =>
    s.AUTHCTL_SMS_WEBHOOK_URL !== undefined &&
    s.FAST2SMS_API_KEY !== undefined &&
    'FAST2SMS_API_KEY and AUTHCTL_SMS_WEBHOOK_URL both name a sender: keep one',
  ({ settings: s }) =>
    s.AUTHCTL_FAST2SMS_ROUTE === 'dlt' &&
    (s.AUTHCTL_FAST2SMS_SENDER_ID === undefined || s.AUTHCTL_FAST2SMS_MESSAGE_ID === undefined) &&
    'AUTHCTL_FAST2SMS_ROUTE=dlt needs AUTHCTL_FAST2SMS_SENDER_ID and AUTHCTL_FAST2SMS_MESSAGE_ID',
  ({ settings: s }) =>
    s.AUTHCTL_SMS_ORIGIN !== undefined &&
    s.FAST2SMS_API_KEY !== undefined &&
    s.AUTHCTL_FAST2SMS_ROUTE === 'otp' &&
    'AUTHCTL_SMS_ORIGIN has no effect on AUTHCTL_FAST2SMS_ROUTE=otp, whose text is the provider’s: use dlt',
  ({ settings: s }) =>
    s.FAST2SMS_API_KEY !== undefined &&
    new Set(Object.values(s.AUTHCTL_SMS_ORIGIN ?? {})).size > 1 &&
    'AUTHCTL_SMS_ORIGIN names several pages, and the template of AUTHCTL_FAST2SMS_MESSAGE_ID only one',
  spendsNothing('AUTHCTL_SMS_SPEND_HOURLY'),
  spendsNothing('AUTHCTL_SMS_SPEND_DAILY'),
  ({ settings: s }) =>
    !isCronExpression(s.AUTHCTL_CLEANUP_CRON) && 'AUTHCTL_CLEANUP_CRON is not a cron expression',
]

/** What `NODE_ENV=production` refuses: everything that development mode makes up by itself. */
const IN_PRODUCTION: readonly Refusal[] = [
  ({ settings: s }) => s.PUBLIC_URL === undefined && 'PUBLIC_URL is required in production',
  ({ settings: s }) => s.PUBLIC_URL?.startsWith('http:') && 'PUBLIC_URL must be https in production',
  ({ settings: s }) =>
    s.AUTHCTL_SECRET === undefined &&
    'AUTHCTL_SECRET is required in production; try: openssl rand -base64 48',
  ({ settings: s }) =>
    s.REFRESH_KEY_SECRET === undefined &&
    'REFRESH_KEY_SECRET is required in production; try: openssl rand -base64 48',
  ({ settings: s }) =>
    s.FAST2SMS_API_KEY === undefined &&
    s.AUTHCTL_SMS_WEBHOOK_URL === undefined &&
    'an SMS sender is required in production (the OTP outbox is for development): set FAST2SMS_API_KEY or AUTHCTL_SMS_WEBHOOK_URL',
  ({ origins }) => origins.AUTHCTL_DATA_DIR === 'default' && 'AUTHCTL_DATA_DIR must be named in production',
  ({ settings: s }) =>
    s.MONGO_DB_URI !== undefined &&
    !usesTls(s.MONGO_DB_URI) &&
    'MONGO_DB_URI must use TLS in production: add tls=true, or use mongodb+srv://',
  ({ settings: s }) =>
    s.MONGO_DB_URI !== undefined &&
    !authenticates(s.MONGO_DB_URI) &&
    'MONGO_DB_URI must authenticate in production: name a user, or an authMechanism',
  ({ settings: s }) => s.AUTHCTL_RATE_LIMITS === 'off' && 'AUTHCTL_RATE_LIMITS=off is refused in production',
]

/** Thrown when a rule looks at a setting that has a problem already: what it would say is a guess. */
class Unreadable extends Error {}

/**
 * The problems that only show when settings are looked at together. Rules about a setting in `unreadable` are
 * passed over, so that each problem is told once.
 */
export const checkTogether = (
  { settings, origins }: LoadedConfig,
  unreadable: ReadonlySet<string>,
): string[] => {
  const isProduction = settings.NODE_ENV === 'production'
  const readable = new Proxy(settings, {
    get: (target, name) => {
      if (unreadable.has(String(name))) throw new Unreadable()
      return Reflect.get(target, name) as unknown
    },
  })
  const judge = (refusal: Refusal): string | false | undefined => {
    try {
      return refusal({ settings: readable, origins })
    } catch (error) {
      if (error instanceof Unreadable) return undefined
      throw error
    }
  }
  return [...ALWAYS, ...(isProduction ? IN_PRODUCTION : [])]
    .map(judge)
    .filter((problem) => typeof problem === 'string')
}
