import type { RequestListener } from 'node:http'
import type { Core } from './core.ts'
import type { Admission } from './http/admission.ts'
import { createApp } from './http/app.ts'
import type { Metrics } from './http/metrics.ts'
import type { Pages } from './http/pages.ts'
import type { TokenSigner } from './ports/crypto.ts'
import { SILENT_METER } from './ports/meter.ts'
import type { Recorder } from './ports/recorder.ts'
import { createAuthenticate } from './usecases/access/authenticate.ts'
import { createAuthorize } from './usecases/access/authorize.ts'
import type { Deps } from './usecases/deps.ts'
import type { SigningKeys } from './usecases/keys/signing-keys.ts'
import type { LocalFeed } from './usecases/local/feed.ts'
import type { Views } from './usecases/local/views.ts'
import { createDevices } from './usecases/oauth/devices.ts'
import { createLetIn } from './usecases/oauth/let-in.ts'
import type { createOtpDelivery } from './usecases/otp/deliver.ts'
import { createOtps } from './usecases/otp/send.ts'
import { createEditNamespace, createPrepareChange } from './usecases/policies/edit.ts'
import type { FollowedPolicies } from './usecases/policies/follow.ts'

/** What serving requests is made of. */
export interface Served {
  readonly core: Core
  readonly signing: { readonly signer: TokenSigner; readonly keys: SigningKeys | undefined }
  readonly delivery: ReturnType<typeof createOtpDelivery>
  readonly policies: FollowedPolicies
  readonly views: Views
  readonly feed: LocalFeed
  readonly metrics: Metrics | undefined
  readonly recorder: Recorder
  readonly uses: Deps['uses']
  readonly shadow: Deps['shadow']
  readonly admission: Admission
  readonly lifecycle: { draining: boolean; keysWork: boolean }
  readonly publicUrl: () => string
  /** The pages of the documentation, where they are shown. */
  readonly docs: Pages | undefined
}

const devicePage = (deps: Deps, publicUrl: () => string): Pages => ({
  at: /^\/device(?:\/|$)/,
  load: async () => {
    const { deviceRouter } = await import('./http/device-page/router.ts')
    const authenticate = createAuthenticate(deps)
    const authorize = createAuthorize(deps)
    return deviceRouter({
      devices: createDevices(deps),
      otps: createOtps(deps),
      letIn: createLetIn(deps, { authenticate, authorize }),
      publicUrl,
      now: () => deps.clock.now(),
    })
  },
})

/** The HTTP face over all that a daemon is made of. */
export const createListener = ({
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
  docs,
}: Served): RequestListener => {
  const { settings, log } = core
  const editing = {
    ...core.deps,
    store: core.store.policies,
    accounts: core.store.accounts,
    applications: core.store.applications,
    policies,
  }
  const deps: Deps = {
    ...core.deps,
    signer: signing.signer,
    signingKeys: signing.keys,
    policies,
    views,
    feed,
    edit: createEditNamespace(editing),
    prepare: createPrepareChange(editing),
    meter: metrics?.meter ?? SILENT_METER,
    recorder,
    uses,
    shadow,
    deliver: (message, handed) => void delivery.deliver(message, handed),
  }
  return createApp({
    deps,
    log,
    lifecycle,
    publicUrl,
    corsOrigins: settings.AUTHCTL_CORS_ORIGINS,
    trustProxy: settings.AUTHCTL_TRUST_PROXY,
    admission,
    hsts: settings.PUBLIC_URL?.startsWith('https:') ?? false,
    pages: [devicePage(deps, publicUrl), docs, metrics?.pages].filter((each) => each !== undefined),
    observe: metrics?.observe ?? (() => undefined),
  })
}
