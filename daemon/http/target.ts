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

/**
 * The path and query of a request's URL; undefined unless it is a path, perhaps with a query, and nothing
 * else (RFC 9112 section 3.2.1). Proxies and curious callers send whole URLs and fragments.
 */
export const readTarget = (url: string): Target | undefined => {
  if (!url.startsWith('/') || url.includes('#')) return undefined
  const at = url.indexOf('?')
  return at === -1
    ? { path: url, query: NO_QUERY }
    : { path: url.slice(0, at), query: parse(url.slice(at + 1)) }
}
