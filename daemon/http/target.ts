import { parse } from 'node:querystring'

/** What a request asks for. */
export interface Target {
  readonly path: string
  /** The query by names; empty where there is none. */
  readonly query: Readonly<Record<string, unknown>>
}

const NO_QUERY: Target['query'] = {}

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
