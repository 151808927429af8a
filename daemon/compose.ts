import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import type { Router } from 'express'
import { systemClock } from './adapters/clock.ts'
import { createPasswordHasher } from './adapters/crypto/password-hasher.ts'
import { createRandom } from './adapters/crypto/random.ts'
import { createTokenSigner, loadEd25519Key, loadHs256Key } from './adapters/crypto/token-signer.ts'
import { createVault } from './adapters/crypto/vault.ts'
import { generatedSecret, openDataDirectory } from './adapters/files/data-directory.ts'
import { packageRoot } from './adapters/files/package-root.ts'
import { createSetupTokenFile } from './adapters/files/setup-token.ts'
import { scheduleJob, type ScheduledJob } from './adapters/jobs/schedule.ts'
import { createLog, createLogAudit } from './adapters/log.ts'
import { withBreaker } from './adapters/sms/breaker.ts'
import { createFast2sms } from './adapters/sms/fast2sms.ts'
import { createOutbox } from './adapters/sms/outbox.ts'
import { createWebhook } from './adapters/sms/webhook.ts'
import { openSqliteStore } from './adapters/sqlite/store.ts'
import type { Settings } from './config/settings.ts'
import { buildOpenApi } from './contract/openapi.ts'
import { createApp } from './http/app.ts'
import { docsRouter } from './http/docs-pages.ts'
import { createMetrics } from './http/metrics.ts'
import { listen } from './http/server.ts'
import type { AccountId } from './domain/account.ts'
import type { SessionId } from './domain/session.ts'
import type { Clock } from './ports/clock.ts'
import type { TokenSigner } from './ports/crypto.ts'
import type { Log } from './ports/log.ts'
import type { SmsSender } from './ports/sms.ts'
import type { Store } from './ports/stores.ts'
import { CLEANUP_JOB, createCleanup } from './usecases/cleanup.ts'
import type { AuthSettings, CoreDeps, Deps } from './usecases/deps.ts'
import { createOtpDelivery } from './usecases/otp-delivery.ts'
import { VERSION } from './version.ts'

const RUNNING_REQUESTS_MS = 8000

/** What tests replace; everything else is made from the settings. */
export interface Overrides {
  readonly clock?: Clock
  readonly sms?: SmsSender
  readonly log?: Log
}

/** The parts that serving and host-side work have in common. */
export interface Core {
  readonly settings: Settings
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly dataDirectory: string
  readonly deps: CoreDeps
}

/** A daemon that listens. */
export interface RunningDaemon {
  /** Where it listens. */
  readonly url: string
  /** What it calls itself: the issuer. */
  readonly publicUrl: string
  readonly sender: string
  /** Path of the set-up token while no super-admin exists. */
  readonly setupTokenPath: string | undefined
  /** Answers 503 at `/readyz` for a moment, then stops accepting, finishes what runs, and closes the store. */
  close(): Promise<void>
}

const authSettings = (s: Settings): AuthSettings => ({
  accessTokenSeconds: s.AUTHCTL_ACCESS_TOKEN_TTL,
  refreshGraceMs: s.AUTHCTL_REFRESH_GRACE * 1000,
  sessionIdleSeconds: s.AUTHCTL_SESSION_IDLE,
  sessionAbsoluteSeconds: s.AUTHCTL_SESSION_ABSOLUTE,
  otpSeconds: s.AUTHCTL_OTP_TTL,
  otpDigits: s.AUTHCTL_OTP_DIGITS,
  defaultRegion: s.AUTHCTL_DEFAULT_REGION,
  limitsOn: s.AUTHCTL_RATE_LIMITS === 'on',
})

/** The store that the settings name. The MongoDB driver is loaded only by those who use it. */
const openStore = async ({ MONGO_DB_URI, NODE_ENV }: Settings, dataDirectory: string): Promise<Store> => {
  if (MONGO_DB_URI === undefined) return openSqliteStore(join(dataDirectory, 'authctl.db'))
  const { openMongoStore } = await import('./adapters/mongodb/store.ts')
  return openMongoStore(MONGO_DB_URI, { refuseStandalone: NODE_ENV === 'production' })
}

/** Opens the data directory and the store, and makes the parts that need no network. Throws when the directory or the store is not usable. */
export const openCore = async (settings: Settings, overrides: Overrides = {}): Promise<Core> => {
  const dataDirectory = openDataDirectory(settings.AUTHCTL_DATA_DIR)
  const log = overrides.log ?? createLog(settings.AUTHCTL_LOG_LEVEL)
  const clock = overrides.clock ?? systemClock
  const store = await openStore(settings, dataDirectory)
  const vault = createVault({
    secret: settings.AUTHCTL_SECRET ?? generatedSecret(dataDirectory, 'authctl'),
    refreshKeySecret: settings.REFRESH_KEY_SECRET ?? generatedSecret(dataDirectory, 'refresh-key'),
  })
  return {
    settings,
    store,
    clock,
    log,
    dataDirectory,
    deps: {
      store,
      clock,
      vault,
      hasher: createPasswordHasher(),
      random: createRandom(),
      audit: createLogAudit(log),
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
      now: () => clock.now(),
    })
    return withBreaker(webhook, clock)
  }
  return createOutbox({ directory: dataDirectory })
}

const createSigner = async ({ settings, store, clock, deps }: Core, issuer: string) => {
  const key =
    settings.JWT_SECRET === undefined
      ? await loadEd25519Key(store.signingKeys, deps.vault, clock.now())
      : loadHs256Key(settings.JWT_SECRET)
  return createTokenSigner(key, {
    issuer,
    audience: settings.AUTHCTL_AUDIENCE,
    leewaySeconds: settings.AUTHCTL_CLOCK_LEEWAY,
    random: deps.random,
  })
}

/** Whether a token of this signer passes its own verification. The token names nobody and leaves nothing behind. */
const signsVerifiably = async (signer: TokenSigner, clock: Clock): Promise<boolean> => {
  const now = clock.now()
  const issuedAt = Math.floor(now / 1000)
  const nobody = {
    sub: 'probe' as AccountId,
    sid: 'probe' as SessionId,
    role: 'user',
    clientId: 'probe',
  } as const
  const token = await signer.sign({ ...nobody, issuedAt, expiresAt: issuedAt + 1 })
  return (await signer.verify(token, { now, ignoreExpiry: false })) !== undefined
}

const scheduleCleanup = ({ settings, store, clock, log }: Core): ScheduledJob => {
  const tick = createCleanup({ leases: store.leases, clock })
  return scheduleJob({ name: CLEANUP_JOB, cron: settings.AUTHCTL_CLEANUP_CRON, tick }, log)
}

const docsPages = (publicUrl: () => string): Router =>
  docsRouter({
    assetsDir: join(packageRoot(), 'dist', 'docs-assets'),
    openapi: () => buildOpenApi({ version: VERSION, serverUrl: publicUrl() }),
  })

/** With port 0 the address is not known before listening, and daemons of one store must agree on the issuer all the same. */
const ISSUER_WITHOUT_PORT = 'http://localhost'

const configuredUrl = ({ PUBLIC_URL, HOST, PORT }: Settings): string | undefined =>
  PUBLIC_URL ?? (PORT === 0 ? undefined : `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

interface Served {
  readonly core: Core
  readonly delivery: ReturnType<typeof createOtpDelivery>
  readonly lifecycle: { draining: boolean; keysWork: boolean }
  readonly publicUrl: () => string
}

const createListener = async ({ core, delivery, lifecycle, publicUrl }: Served): Promise<RequestListener> => {
  const { settings, log } = core
  const signer = await createSigner(core, configuredUrl(settings) ?? ISSUER_WITHOUT_PORT)
  lifecycle.keysWork = await signsVerifiably(signer, core.clock)
  const deps: Deps = {
    ...core.deps,
    signer,
    deliver: (message) => void delivery.deliver(message),
  }
  const metrics = settings.AUTHCTL_METRICS ? await createMetrics(delivery.counts) : undefined
  return createApp({
    deps,
    log,
    lifecycle,
    publicUrl,
    corsOrigins: settings.AUTHCTL_CORS_ORIGINS,
    trustProxy: settings.AUTHCTL_TRUST_PROXY,
    hsts: settings.PUBLIC_URL?.startsWith('https:') ?? false,
    extras: [...(settings.AUTHCTL_DOCS ? [docsPages(publicUrl)] : []), ...(metrics ? [metrics.router] : [])],
    observe: metrics?.observe ?? (() => undefined),
  })
}

/** Opens everything, migrates the store, and listens. Nothing is left open when it throws. */
export const startDaemon = async (settings: Settings, overrides: Overrides = {}): Promise<RunningDaemon> => {
  const core = await openCore(settings, overrides)
  const { store, clock, log, deps } = core
  const sms = overrides.sms ?? createSender(core)
  const delivery = createOtpDelivery({ otps: store.otps, sms, vault: deps.vault, clock, log })
  const lifecycle = { draining: false, keysWork: false }
  const bound = { url: '' }
  const publicUrl = (): string => configuredUrl(settings) ?? bound.url
  try {
    const listener = await createListener({ core, delivery, lifecycle, publicUrl })
    const server = await listen(listener, { host: settings.HOST, port: settings.PORT })
    bound.url = server.url
    const setupTokenPath = (await store.accounts.hasSuperAdmin())
      ? undefined
      : deps.setupToken.issue(clock.now())
    delivery.start()
    const cleanup = scheduleCleanup(core)
    const close = async (): Promise<void> => {
      lifecycle.draining = true
      await pause(settings.AUTHCTL_DRAIN_DELAY)
      await server.close(RUNNING_REQUESTS_MS)
      await Promise.all([delivery.stop(), cleanup.stop()])
      await sms.close?.()
      await store.close()
    }
    return { url: server.url, publicUrl: publicUrl(), sender: sms.name, setupTokenPath, close }
  } catch (error) {
    await store.close()
    throw error
  }
}
