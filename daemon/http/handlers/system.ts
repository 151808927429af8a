import type { Routes } from '../../contract/routes.ts'
import type { Store } from '../../ports/stores/index.ts'
import { VERSION } from '../../version.ts'
import type { Handlers } from '../reply.ts'

/** Whether the daemon takes new work. */
export interface Lifecycle {
  readonly draining: boolean
  /** The signing key is loaded, and what it signs verifies. */
  readonly keysWork: boolean
}

/** The handlers of the daemon itself. */
export const createSystemHandlers = ({
  store,
  lifecycle,
  publicUrl,
}: {
  store: Store
  lifecycle: Lifecycle
  publicUrl: () => string
}) =>
  ({
    'system.info': () =>
      Promise.resolve({
        status: 200,
        body: {
          status: 'running',
          name: 'authctl',
          version: VERSION,
          links: {
            openapi: `${publicUrl()}/openapi.json`,
            docs: `${publicUrl()}/docs`,
            redoc: `${publicUrl()}/redoc`,
            jwks: `${publicUrl()}/.well-known/jwks.json`,
          },
        },
      }),

    'system.echo': ({ origin }) => {
      const seen = origin.seen?.()
      return Promise.resolve({
        status: 200,
        body: {
          ip: origin.ip,
          peer: seen?.peer ?? null,
          host: seen?.host ?? null,
          forwarded_for: seen?.forwardedFor ?? [],
          forwarded_proto: seen?.forwardedProto ?? null,
          forwarded_host: seen?.forwardedHost ?? null,
          public_url: publicUrl(),
        },
        headers: { 'Cache-Control': 'no-store' },
      })
    },

    'system.health': () =>
      Promise.resolve({ status: 200, body: { status: 'ok' }, headers: { 'Cache-Control': 'no-store' } }),

    'system.ready': async () => {
      const storeAnswers = await store.ping().then(
        () => true,
        () => false,
      )
      const checks = {
        store: storeAnswers ? 'ok' : 'failed',
        keys: lifecycle.keysWork ? 'ok' : 'failed',
        accepting: lifecycle.draining ? 'failed' : 'ok',
      }
      const ready = storeAnswers && lifecycle.keysWork && !lifecycle.draining
      return {
        status: ready ? 200 : 503,
        body: { status: ready ? 'ready' : 'not-ready', checks },
        headers: { 'Cache-Control': 'no-store' },
      }
    },
  }) satisfies Partial<Handlers<Routes>>
