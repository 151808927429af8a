import { parse } from 'node:querystring'

/** What a request asks for. */
export interface Target {
  readonly path: string
  /** The query by names; empty where there is none. */
  readonly query: Readonly<Record<string, unknown>>
}

const NO_QUERY: Target['query'] = {}

const WELL_KNOWN = '/.well-known/'

/**
 * The target without the path of the issuer: of a server below a path, what is well known stands at
 * `/.well-known/NAME/PATH` of the host (RFC 8414 section 3.1).
 */
export const withoutIssuerPath = (target: Target, issuer: () => string): Target => {
  if (!target.path.startsWith(WELL_KNOWN)) return target
  const below = new URL(issuer()).pathname.replace(/\/$/, '')
  return below !== '' && target.path.endsWith(below)
    ? { ...target, path: target.path.slice(0, -below.length) }
    : target
}

/** What stands before the path in a whole URL, which proxies send (RFC 9112 section 3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#\\]*/i

/** The path and query of a whole URL, or undefined if it is none. */
const withoutOrigin = (url: string): string | undefined => {
  const [origin] = ORIGIN.exec(url) ?? []
  const rest = origin === undefined ? undefined : url.slice(origin.length)
  return rest === undefined || rest.startsWith('/') ? rest : `/${rest}`
}

/**
 * The path and query of a request's URL, which may be whole; a fragment, which curious callers send, is
 * passed over. Undefined: it has no path.
 */
export const readTarget = (url: string): Target | undefined => {
  const [local] = (url.startsWith('/') ? url : withoutOrigin(url))?.split('#', 1) ?? []
  if (local === undefined) return undefined
  const at = local.indexOf('?')
  return at === -1
    ? { path: local, query: NO_QUERY }
    : { path: local.slice(0, at), query: parse(local.slice(at + 1)) }
}
