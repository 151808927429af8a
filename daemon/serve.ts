import { hostname } from 'node:os'
import { join } from 'node:path'
import { createRingMaker, hs256Ring, type KeyRing } from './adapters/crypto/signing-keys.ts'
import { createTokenSigner } from './adapters/crypto/token-signer.ts'
import { packageRoot } from './adapters/files/package-root.ts'
import { scheduleJob, type ScheduledJob } from './adapters/jobs/schedule.ts'
import type { Settings } from './config/settings.ts'
import { createAdmission } from './http/admission.ts'
import { PROBES } from './http/app.ts'
import { createMetrics } from './http/metrics.ts'
import type { Pages } from './http/pages.ts'
import { listen } from './http/server.ts'
import type { TokenSigner } from './ports/crypto.ts'
import type { Log } from './ports/log.ts'
import { SILENT_METER } from './ports/meter.ts'
import { createShadowComparison } from './usecases/access/shadow.ts'
import { createPolicyUses } from './usecases/access/uses.ts'
import { CLEANUP_JOB, createCleanup } from './usecases/upkeep/cleanup.ts'
import { startHeartbeat, type Heartbeat } from './usecases/upkeep/heartbeat.ts'
import { watchClockSteps } from './usecases/upkeep/clock-steps.ts'
import { createRecorder, createSender, keyDeps, openCore, type Core, type Overrides } from './core.ts'
import { createListener } from './listener.ts'
import type { Deps } from './usecases/deps.ts'
import { readBudgets } from './usecases/otp/budget.ts'
import { createOtpDelivery } from './usecases/otp/deliver.ts'
import { createPolicySweep } from './usecases/policies/sweep.ts'
import { announceUpgrade } from './usecases/policies/upgrade.ts'
import { createLocalFeed } from './usecases/local/feed.ts'
import { createViews } from './usecases/local/views.ts'
import { followPolicies, type FollowedPolicies } from './usecases/policies/follow.ts'
import { signsVerifiably } from './usecases/keys/probe.ts'
import { createSigningKeys, followKeys, type SigningKeys } from './usecases/keys/signing-keys.ts'
import type { Followed } from './usecases/upkeep/follow.ts'
import { VERSION } from './version.ts'

const RUNNING_REQUESTS_MS = 8000

/** A daemon that listens. */
export interface RunningDaemon {
  /** Where it listens. */
  readonly url: string
  /** What it calls itself: the issuer. */
  readonly publicUrl: string
  readonly sender: string
  /** Path of the set-up token while no super-admin exists. */
  readonly setupTokenPath: string | undefined
  readonly log: Log
  readonly setLogLevel: Core['setLogLevel']
  /**
   * Answers 503 at `/readyz` for a moment, then stops accepting, finishes what runs, and closes the store.
   */
  close(): Promise<void>
}

interface Signing {
  readonly signer: TokenSigner
  /** Whether what it signs verifies. */
  readonly works: boolean
  /** To look after the keys; undefined where they are no keys of ours. */
  readonly keys: SigningKeys | undefined
  readonly stop: () => Promise<void>
}

const startSigning = async (core: Core, issuer: string): Promise<Signing> => {
  const { settings, log, clock, deps } = core
  const signing = async (
    ring: () => KeyRing,
    { refresh, stop }: Pick<Followed<KeyRing>, 'refresh' | 'stop'>,
    keys: Signing['keys'],
  ): Promise<Signing> => {
    const make = (): TokenSigner =>
      createTokenSigner(ring, {
        issuer,
        audience: settings.AUTHCTL_AUDIENCE,
        leewaySeconds: settings.AUTHCTL_CLOCK_LEEWAY,
        random: deps.random,
        unknownKey: async () => void (await refresh()),
      })
    try {
      return { signer: make(), works: await signsVerifiably(make, clock), keys, stop }
    } catch (error) {
      await stop()
      throw error
    }
  }
  if (settings.JWT_SECRET !== undefined) {
    const ring = hs256Ring(settings.JWT_SECRET)
    const nothingToFollow = { refresh: () => Promise.resolve(true), stop: () => Promise.resolve() }
    return signing(() => ring, nothingToFollow, undefined)
  }
  const followed = await followKeys({ ...keyDeps(core), log }, createRingMaker(deps.vault))
  const keys = createSigningKeys(keyDeps(core))
  const rotate: SigningKeys['rotate'] = async (lead, by) => {
    const key = await keys.rotate(lead, by)
    // So that this daemon publishes it with the answer.
    await followed.refresh({ atOnce: true })
    return key
  }
  return signing(followed.current, followed, { ...keys, rotate })
}

const scheduleCleanup = ({ settings, store, clock, log }: Core): ScheduledJob => {
  const clean = createCleanup({ leases: store.leases, clock })
  const sweep = createPolicySweep({ policies: store.policies, leases: store.leases, clock })
  const isSteady = watchClockSteps(clock, () => performance.now())
  const tick = async (slot: number): Promise<number | undefined> => {
    if (isSteady()) {
      const deleted = await clean(slot)
      if (deleted === undefined) return undefined
      return deleted + ((await sweep()) ?? 0)
    }
    log.warn(
      { job: CLEANUP_JOB },
      'the clock was stepped: nothing is removed until it has run on for an hour',
    )
    return undefined
  }
  return scheduleJob({ name: CLEANUP_JOB, cron: settings.AUTHCTL_CLEANUP_CRON, tick }, log)
}

/** Says by which policies this daemon decides. */
const startBeating = (
  { settings, store, clock, log, deps }: Core,
  { policies, uses, shadow }: Pick<Deps, 'policies' | 'uses' | 'shadow'>,
) =>
  startHeartbeat({
    daemons: store.daemons,
    clock,
    vault: deps.vault,
    log,
    identity: {
      id: deps.random.id(),
      host: hostname(),
      pid: process.pid,
      version: VERSION,
      startedAt: clock.now(),
    },
    policies,
    uses,
    shadow,
    everyMs: settings.AUTHCTL_HEARTBEAT * 1000,
  })

const docsPages = (publicUrl: () => string): Pages => ({
  at: /^\/(?:docs|redoc|openapi\.json)(?:\/|$)/i,
  load: async () => {
    const { docsRouter } = await import('./http/docs-pages.ts')
    const { buildOpenApi } = await import('./contract/openapi.ts')
    return docsRouter({
      assetsDir: join(packageRoot(), 'dist', 'docs-assets'),
      openapi: () => buildOpenApi({ version: VERSION, serverUrl: publicUrl() }),
    })
  },
})

/**
 * With port 0 the address is not known before listening, but daemons of one store must agree on the issuer.
 */
const ISSUER_WITHOUT_PORT = 'http://localhost'

const configuredUrl = ({ PUBLIC_URL, HOST, PORT }: Settings): string | undefined =>
  PUBLIC_URL ?? (PORT === 0 ? undefined : `http://${HOST.includes(':') ? `[${HOST}]` : HOST}:${PORT}`)

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens everything, migrates the store, and listens. Nothing is left open when it throws. */
export const startDaemon = async (settings: Settings, overrides: Overrides = {}): Promise<RunningDaemon> => {
  const core = await openCore(settings, overrides)
  const { store, clock, log, deps } = core
  const lifecycle = { draining: false, keysWork: false }
  const bound = { url: '' }
  const publicUrl = (): string => configuredUrl(settings) ?? bound.url
  let signing: Signing | undefined
  let policies: FollowedPolicies | undefined
  let heartbeat: Heartbeat | undefined
  try {
    const admission = createAdmission({ maxWaiting: settings.AUTHCTL_MAX_WAITING_REQUESTS, exempt: PROBES })
    const metrics = settings.AUTHCTL_METRICS
      ? await createMetrics({
          readBudgets: () => readBudgets(deps),
          load: admission.figures,
          readCache: store.readCache,
        })
      : undefined
    const sms = overrides.sms ?? createSender(core)
    const meter = metrics?.meter ?? SILENT_METER
    const delivery = createOtpDelivery({ otps: store.otps, sms, vault: deps.vault, clock, log, meter })
    signing = await startSigning(core, configuredUrl(settings) ?? ISSUER_WITHOUT_PORT)
    lifecycle.keysWork = signing.works
    const changed = (): void => heartbeat?.changed()
    policies = await followPolicies({ store: store.policies, vault: deps.vault, log, changed })
    const recorder = createRecorder(core)
    const uses = createPolicyUses(clock)
    const shadow = createShadowComparison()
    const { stop: stopSigning } = signing
    const { stop: stopPolicies } = policies
    const views = createViews({ policies, vault: deps.vault })
    const feed = createLocalFeed({ store, policies, views, clock, log })
    const listener = createListener({
      core,
      signing,
      delivery,
      policies,
      views,
      feed,
      metrics,
      recorder,
      uses,
      shadow,
      admission,
      lifecycle,
      publicUrl,
      docs: settings.AUTHCTL_DOCS ? docsPages(publicUrl) : undefined,
    })
    // Before anybody is told that the daemon is ready.
    const setupTokenPath = (await store.accounts.hasSuperAdmin())
      ? undefined
      : deps.setupToken.issue(clock.now())
    heartbeat = await startBeating(core, { policies, uses, shadow })
    const { stop: stopBeating } = heartbeat
    const server = await listen(listener, {
      host: settings.HOST,
      port: settings.PORT,
      silentConnections: settings.AUTHCTL_SILENT_CONNECTIONS,
    })
    bound.url = server.url
    const isStopped = (): boolean => lifecycle.draining
    const announced = announceUpgrade({ ...deps, log }, { snapshot: policies.current(), isStopped })
    delivery.start()
    const cleanup = scheduleCleanup(core)
    const close = async (): Promise<void> => {
      lifecycle.draining = true
      feed.drain()
      await pause(settings.AUTHCTL_DRAIN_DELAY)
      await server.close(RUNNING_REQUESTS_MS)
      await Promise.all([announced, feed.stop()])
      await Promise.all([delivery.stop(), cleanup.stop(), stopSigning(), stopPolicies(), stopBeating()])
      await recorder.close()
      await sms.close?.()
      await store.close()
    }
    return {
      url: server.url,
      publicUrl: publicUrl(),
      sender: sms.name,
      setupTokenPath,
      log,
      setLogLevel: core.setLogLevel,
      close,
    }
  } catch (error) {
    await signing?.stop()
    await policies?.stop()
    await heartbeat?.stop()
    await store.close()
    throw error
  }
}
