import { randomBytes } from 'node:crypto'

/** The trace that a request belongs to (W3C Trace Context). */
export interface TraceContext {
  readonly traceId: string
  /** What requests that are made for this one carry: the same trace, and this daemon's own span. */
  readonly traceparent: string
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const ZEROS = /^0+$/

/**
 * The trace that a `traceparent` header names; undefined when there is none or when it is not valid. Versions
 * to come may say more behind the flags.
 */
export const readTrace = (header: string | string[] | undefined): TraceContext | undefined => {
  if (typeof header !== 'string') return undefined
  const [, version, traceId = '', parentId = '', flags = '', more] = TRACEPARENT.exec(header) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined
  if (ZEROS.test(traceId) || ZEROS.test(parentId)) return undefined
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1
  const span = randomBytes(8).toString('hex')
  return { traceId, traceparent: `00-${traceId}-${span}-${isSampled ? '01' : '00'}` }
}
