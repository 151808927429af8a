import { CODE_SETTINGS } from './code-settings.ts'
import {
  baseUrl,
  choice,
  flag,
  host,
  integer,
  mongoUri,
  origins,
  percentage,
  roleSeconds,
  secretOf,
  text,
  trustProxy,
} from './parse.ts'
import { setting } from './setting.ts'

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
  HOST: setting({ parse: host, fallback: '127.0.0.1', meaning: 'Address to listen on.' }),
  PORT: setting({
    parse: integer(0, 65_535),
    fallback: '8000',
    meaning: 'Port to listen on; 0 takes a free one.',
  }),
  PUBLIC_URL: setting({
    parse: baseUrl,
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
  ...CODE_SETTINGS,
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
