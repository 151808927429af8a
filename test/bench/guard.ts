import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hs256Ring } from '../../daemon/adapters/crypto/signing-keys.ts'
import { createTokenSigner } from '../../daemon/adapters/crypto/token-signer.ts'
import { loadConfig } from '../../daemon/config/load.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { openCore } from '../../daemon/core.ts'
import { createAuthenticateRequest } from '../../daemon/http/authenticate.ts'
import { createAuthorizeRequest } from '../../daemon/http/authorize.ts'
import { createHandlers } from '../../daemon/http/handlers.ts'
import { createIdempotency } from '../../daemon/http/idempotency.ts'
import { mountRoutes, type MountOptions } from '../../daemon/http/mount.ts'
import { SILENT_METER } from '../../daemon/ports/meter.ts'
import { openExchange } from '../../daemon/http/exchange.ts'
import { NO_SHADOWS } from '../../daemon/usecases/access/shadow.ts'
import { NO_USES } from '../../daemon/usecases/access/uses.ts'
import { SILENT_RECORDER } from '../../daemon/ports/recorder.ts'
import { createFindTarget } from '../../daemon/usecases/access/target.ts'
import { createAuthenticate } from '../../daemon/usecases/access/authenticate.ts'
import { createAuthorize } from '../../daemon/usecases/access/authorize.ts'
import type { Deps } from '../../daemon/usecases/deps.ts'
import { createEditNamespace, createPrepareChange } from '../../daemon/usecases/policies/edit.ts'
import { createLocalFeed } from '../../daemon/usecases/local/feed.ts'
import { createViews } from '../../daemon/usecases/local/views.ts'
import { followPolicies } from '../../daemon/usecases/policies/follow.ts'
import { createFamily } from '../support/accounts.ts'
import { startTestDaemon } from '../support/in-process.ts'
import { Connection, requestBytes } from './connection.ts'
import { median } from './median.ts'

const SECRET = 'a secret of the bench, thirty-two bytes and more'
const ROUNDS = 9
const ROUND_MS = 700

/** Requests a second over one connection. */
const rateOf = async (connection: Connection, bytes: string): Promise<number> => {
  const start = performance.now()
  let requests = 0
  while (performance.now() - start < ROUND_MS) {
    const { status } = await connection.send(bytes)
    if (status !== 200) throw new Error(`answered ${status}`)
    requests++
  }
  return (requests * 1000) / (performance.now() - start)
}

const quiet = () => undefined

/** What a request needs, on the store of a daemon that runs beside. */
const depsOn = async (dataDir: string): Promise<{ deps: Deps; close: () => Promise<void> }> => {
  const flags = {
    AUTHCTL_DATA_DIR: dataDir,
    NODE_ENV: 'test',
    JWT_SECRET: SECRET,
    AUTHCTL_LOG_LEVEL: 'silent',
  }
  const { settings } = loadConfig({ flags, env: {}, cwd: dataDir, readFile: () => undefined })
  const core = await openCore(settings, { log: { debug: quiet, info: quiet, warn: quiet, error: quiet } })
  const ring = hs256Ring(SECRET)
  const signer = createTokenSigner(() => ring, {
    issuer: 'http://localhost',
    audience: settings.AUTHCTL_AUDIENCE,
    leewaySeconds: settings.AUTHCTL_CLOCK_LEEWAY,
    random: core.deps.random,
    unknownKey: () => Promise.resolve(),
  })
  const policies = await followPolicies({ store: core.store.policies, vault: core.deps.vault, log: core.log })
  const editing = {
    ...core.deps,
    store: core.store.policies,
    accounts: core.store.accounts,
    applications: core.store.applications,
    policies,
  }
  const views = createViews({ policies, vault: core.deps.vault })
  const feed = createLocalFeed({ store: core.store, policies, views, clock: core.clock, log: core.log })
  const [edit, prepare] = [createEditNamespace(editing), createPrepareChange(editing)]
  return {
    deps: {
      ...core.deps,
      signer,
      signingKeys: undefined,
      policies,
      views,
      feed,
      edit,
      prepare,
      meter: SILENT_METER,
      recorder: SILENT_RECORDER,
      uses: NO_USES,
      shadow: NO_SHADOWS,
      deliver: quiet,
    },
    close: async () => {
      await Promise.all([policies.stop(), feed.stop()])
      await core.store.close()
    },
  }
}

/** The routes of the daemon behind a guard of our choice. */
const serve = async (
  deps: Deps,
  guard: MountOptions['authorize'],
): Promise<{ url: string; close: () => void }> => {
  const find = mountRoutes({
    routes,
    handlers: createHandlers({
      deps: { ...deps, authorize: createAuthorize(deps) },
      lifecycle: { draining: false, keysWork: true },
      publicUrl: () => 'http://localhost',
    }),
    authenticate: createAuthenticateRequest(createAuthenticate(deps)),
    authorize: guard,
    recordRefusal: () => undefined,
    idempotently: createIdempotency({ store: deps.store.idempotency, vault: deps.vault, clock: deps.clock }),
  })
  const server = createServer((request, response) => {
    const exchange = openExchange(request, response, request.socket.remoteAddress)
    void find(exchange, { path: request.url ?? '', query: {} })?.()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

/**
 * `GET /auth/me` of a sub-client, three layers deep, with the guard and without it: requests a second,
 * interleaved.
 */
export const measureGuard = async (): Promise<{ guarded: number; unguarded: number }> => {
  const daemon = await startTestDaemon({ JWT_SECRET: SECRET, AUTHCTL_RATE_LIMITS: 'off' })
  const { subClient } = await createFamily(daemon)
  const { deps, close } = await depsOn(daemon.dataDir)
  const real = createAuthorizeRequest(createAuthorize(deps), {
    findTarget: createFindTarget(deps),
    policies: deps.policies,
  })
  const servers = [await serve(deps, real), await serve(deps, () => Promise.resolve(undefined))]
  const rates: number[][] = [[], []]
  const connections = servers.map(({ url }) => new Connection(url))
  for (let round = 0; round < ROUNDS; round++)
    for (const [i, { url }] of servers.entries()) {
      const bytes = requestBytes(new URL(url).host, {
        method: 'GET',
        path: '/auth/me',
        token: subClient.access,
      })
      rates[i]?.push(await rateOf(connections[i] as Connection, bytes))
    }
  for (const connection of connections) connection.close()
  for (const server of servers) server.close()
  await close()
  await daemon.stop()
  const [guarded = NaN, unguarded = NaN] = rates.map((each) => Math.round(median(each)))
  return { guarded, unguarded }
}
