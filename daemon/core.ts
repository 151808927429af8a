import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from './adapters/clock.ts'
import { createPasswordHasher } from './adapters/crypto/password-hasher.ts'
import { createPublicKeys } from './adapters/crypto/public-keys.ts'
import { createRandom } from './adapters/crypto/random.ts'
import { generateSigningKey } from './adapters/crypto/signing-keys.ts'
import { createVault } from './adapters/crypto/vault.ts'
import { generatedSecret, openDataDirectory } from './adapters/files/data-directory.ts'
import { createRecording } from './adapters/files/recording.ts'
import { createSetupTokenFile } from './adapters/files/setup-token.ts'
import { createLog, createLogAudit } from './adapters/log.ts'
import { withBreaker } from './adapters/sms/breaker.ts'
import { createFast2sms } from './adapters/sms/fast2sms.ts'
import { createOutbox } from './adapters/sms/outbox.ts'
import { createWebhook } from './adapters/sms/webhook.ts'
import type { Settings } from './config/settings.ts'
import type { SmsBudget } from './domain/sms-budget.ts'
import type { Clock } from './ports/clock.ts'
import type { PasswordHasher } from './ports/crypto.ts'
import type { Log } from './ports/log.ts'
import { SILENT_RECORDER, type Recorder } from './ports/recorder.ts'
import type { SmsSender } from './ports/sms.ts'
import type { Store } from './ports/stores/index.ts'
import type { AuthSettings, CoreDeps } from './usecases/deps.ts'
import type { KeyDeps } from './usecases/keys/signing-keys.ts'

/** What tests replace; everything else is made from the settings. */
export interface Overrides {
  readonly clock?: Clock
  readonly sms?: SmsSender
  readonly hasher?: PasswordHasher
  readonly log?: Log
  /** The size of libuv's pool, where it is not the usual one. */
  readonly threads?: number | undefined
}

/** The parts that serving and host-side work have in common. */
export interface Core {
  readonly settings: Settings
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  /** Sets the level of the daemon's own log; one that was put in its place keeps its level. */
  readonly setLogLevel: (level: Settings['AUTHCTL_LOG_LEVEL']) => void
  readonly dataDirectory: string
  readonly deps: CoreDeps
}

/** The words of the address that callers know, but for its last part and the usual first ones. */
const serviceNamesOf = (publicUrl: string | undefined): string[] => {
  const host = publicUrl === undefined ? '' : new URL(publicUrl).hostname
  const words = /^[\d.]+$|:/.test(host) ? [] : host.split('.').slice(0, -1)
  return words.filter((word) => !['www', 'api', 'auth'].includes(word))
}

const servedCountries = (s: Settings): SmsBudget['countries'] => {
  const countries = s.AUTHCTL_SMS_COUNTRIES ?? [s.AUTHCTL_DEFAULT_REGION]
  return countries.includes('*') ? 'every' : new Set(countries)
}

const smsBudget = (s: Settings): SmsBudget => ({
  countries: servedCountries(s),
  numberTypes: new Set(s.AUTHCTL_SMS_NUMBER_TYPES),
  hourly: s.AUTHCTL_SMS_HOURLY,
  daily: s.AUTHCTL_SMS_DAILY,
  countryHourly: s.AUTHCTL_SMS_COUNTRY_HOURLY,
  countryDaily: s.AUTHCTL_SMS_COUNTRY_DAILY,
  blockHourly: s.AUTHCTL_SMS_PREFIX_HOURLY,
  spendHourly: s.AUTHCTL_SMS_SPEND_HOURLY,
  spendDaily: s.AUTHCTL_SMS_SPEND_DAILY,
  prices: s.AUTHCTL_SMS_PRICES,
  conversionMinSends: s.AUTHCTL_SMS_CONVERSION_SENDS,
  conversionMinPercent: s.AUTHCTL_SMS_CONVERSION_PERCENT,
})

const authSettings = (s: Settings): AuthSettings => ({
  accessTokenSeconds: s.AUTHCTL_ACCESS_TOKEN_TTL,
  refreshGraceMs: s.AUTHCTL_REFRESH_GRACE * 1000,
  maxSessions: s.AUTHCTL_MAX_SESSIONS,
  sessionIdleSeconds: s.AUTHCTL_SESSION_IDLE,
  sessionAbsoluteSeconds: s.AUTHCTL_SESSION_ABSOLUTE,
  otpSeconds: s.AUTHCTL_OTP_TTL,
  otpDigits: s.AUTHCTL_OTP_DIGITS,
  defaultRegion: s.AUTHCTL_DEFAULT_REGION,
  limitsOn: s.AUTHCTL_RATE_LIMITS === 'on',
  serviceNames: serviceNamesOf(s.PUBLIC_URL),
  otpVerifiesPerAddress: s.AUTHCTL_OTP_VERIFIES_PER_ADDRESS,
  otpNumbersPerAddress: s.AUTHCTL_OTP_NUMBERS_PER_ADDRESS,
  sms: smsBudget(s),
})

/** The store that the settings name. Each is loaded only by those who use it. */
const openStore = async (
  { MONGO_DB_URI, NODE_ENV, AUTHCTL_READ_CACHE_ROWS }: Settings,
  dataDirectory: string,
): Promise<Store> => {
  if (MONGO_DB_URI === undefined) {
    const { openSqliteStore } = await import('./adapters/sqlite/store.ts')
    return openSqliteStore(join(dataDirectory, 'authctl.db'), AUTHCTL_READ_CACHE_ROWS)
  }
  const { openMongoStore } = await import('./adapters/mongodb/store.ts')
  return openMongoStore(MONGO_DB_URI, { refuseStandalone: NODE_ENV === 'production' })
}

/**
 * Opens the data directory and the store, and makes the parts that need no network. Throws when the directory
 * or the store is not usable.
 */
export const openCore = async (settings: Settings, overrides: Overrides = {}): Promise<Core> => {
  const dataDirectory = openDataDirectory(settings.AUTHCTL_DATA_DIR)
  const ownLog = createLog(settings.AUTHCTL_LOG_LEVEL)
  const log = overrides.log ?? ownLog
  const clock = overrides.clock ?? systemClock
  const vault = createVault({
    secret: settings.AUTHCTL_SECRET ?? generatedSecret(dataDirectory, 'authctl'),
    refreshKeySecret: settings.REFRESH_KEY_SECRET ?? generatedSecret(dataDirectory, 'refresh-key'),
  })
  // Last of what can fail: an open connection would keep a process alive that has nothing more to do.
  const store = await openStore(settings, dataDirectory)
  return {
    settings,
    store,
    clock,
    log,
    setLogLevel: (level) => void (ownLog.level = level),
    dataDirectory,
    deps: {
      store,
      clock,
      vault,
      hasher: overrides.hasher ?? createPasswordHasher(overrides.threads),
      publicKeys: createPublicKeys(),
      random: createRandom(),
      audit: createLogAudit((fields, message) =>
        overrides.log === undefined ? ownLog.always(fields, message) : overrides.log.info(fields, message),
      ),
      setupToken: createSetupTokenFile(dataDirectory),
      settings: authSettings(settings),
    },
  }
}

/** The sender that the settings name; providers on the network behind a breaker. */
export const createSender = ({ settings: s, clock, dataDirectory }: Core): SmsSender => {
  if (s.FAST2SMS_API_KEY !== undefined) {
    const fast2sms = createFast2sms({
      apiKey: s.FAST2SMS_API_KEY,
      baseUrl: s.AUTHCTL_FAST2SMS_URL,
      route: s.AUTHCTL_FAST2SMS_ROUTE,
      endsInCode: s.AUTHCTL_SMS_ORIGIN !== undefined,
      ...(s.AUTHCTL_FAST2SMS_SENDER_ID === undefined ? {} : { senderId: s.AUTHCTL_FAST2SMS_SENDER_ID }),
      ...(s.AUTHCTL_FAST2SMS_MESSAGE_ID === undefined ? {} : { messageId: s.AUTHCTL_FAST2SMS_MESSAGE_ID }),
    })
    return withBreaker(fast2sms, clock)
  }
  if (s.AUTHCTL_SMS_WEBHOOK_URL !== undefined) {
    const webhook = createWebhook({
      url: s.AUTHCTL_SMS_WEBHOOK_URL,
      secret: s.AUTHCTL_SMS_WEBHOOK_SECRET ?? '',
      allowPrivate: s.AUTHCTL_SMS_WEBHOOK_ALLOW_PRIVATE,
      hosts: s.AUTHCTL_SMS_ORIGIN ?? {},
      now: () => clock.now(),
    })
    return withBreaker(webhook, clock)
  }
  return createOutbox({ directory: dataDirectory, hosts: s.AUTHCTL_SMS_ORIGIN ?? {} })
}

/** Where the settings want decisions recorded. */
export const createRecorder = ({ settings: s, dataDirectory, log }: Core): Recorder =>
  s.AUTHCTL_RECORD_DECISIONS === 0
    ? SILENT_RECORDER
    : createRecording({
        path: s.AUTHCTL_RECORD_FILE ?? join(dataDirectory, 'decisions.jsonl'),
        percent: s.AUTHCTL_RECORD_DECISIONS,
        maxBytes: s.AUTHCTL_RECORD_MEGABYTES * 1_000_000,
        log,
      })

/** What the use cases of signing keys need. */
export const keyDeps = ({ store, clock, deps }: Core): KeyDeps => ({
  keys: store.signingKeys,
  clock,
  audit: deps.audit,
  generate: (place) => generateSigningKey(deps.vault, place),
  pause: (ms) => sleep(ms),
})
