import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, nullable, oneOf } from '../schema.ts'

/** `GET /`. */
export const getInfo = route({
  operationId: 'system.info',
  method: 'GET',
  path: '/',
  tag: 'System',
  summary: 'What runs here',
  auth: 'none',
  responses: {
    200: {
      description: 'Name, version and links',
      schema: closed(
        {
          status: Type.Literal('running'),
          name: Type.String(),
          version: Type.String(),
          links: closed({
            openapi: Type.String(),
            docs: Type.String(),
            redoc: Type.String(),
            jwks: Type.String(),
          }),
        },
        { title: 'Info' },
      ),
    },
  },
  errors: [],
})

const header = nullable<string>({ type: 'string' })

/** `GET /echo`. */
export const getEcho = route({
  operationId: 'system.echo',
  method: 'GET',
  path: '/echo',
  tag: 'System',
  summary: 'What the daemon sees of this request: who asks, and what proxies have said',
  description:
    'For those who set up proxies: `ip` is whom limits and the log count, and differs from `peer` only where `AUTHCTL_TRUST_PROXY` trusts the proxy.',
  auth: 'access',
  action: 'authctl:Echo',
  resource: 'daemon/all',
  responses: {
    200: {
      description: 'As it came',
      schema: closed(
        {
          ip: header,
          peer: header,
          host: header,
          forwarded_for: Type.Array(Type.String()),
          forwarded_proto: header,
          forwarded_host: header,
          public_url: Type.String({ description: 'What the daemon calls itself' }),
        },
        { title: 'Echo' },
      ),
    },
  },
  errors: [],
})

/** `GET /healthz`. */
export const getHealth = route({
  operationId: 'system.health',
  method: 'GET',
  path: '/healthz',
  tag: 'System',
  summary: 'The process is alive',
  ignoresQuery: true,
  auth: 'none',
  responses: {
    200: { description: 'Alive', schema: closed({ status: Type.Literal('ok') }, { title: 'Health' }) },
  },
  errors: [],
})

const check = oneOf(['ok', 'failed'])

const Readiness = closed(
  {
    status: oneOf(['ready', 'not-ready']),
    checks: closed({ store: check, keys: check, accepting: check }),
  },
  { title: 'Readiness' },
)

/** `GET /readyz`. */
export const getReadiness = route({
  operationId: 'system.ready',
  method: 'GET',
  path: '/readyz',
  tag: 'System',
  summary: 'The daemon can serve: store reachable, keys loaded, not shutting down',
  ignoresQuery: true,
  auth: 'none',
  responses: {
    200: { description: 'Ready', schema: Readiness },
    503: { description: 'Not ready', schema: Readiness },
  },
  errors: [],
})
