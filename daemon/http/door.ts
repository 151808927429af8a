import type { IncomingMessage } from 'node:http'
import { Failure } from '../domain/failure.ts'

/**
 * Headers that have one value. Node keeps the first of two, and a proxy before it perhaps the last.
 */
const SINGLE = ['Authorization', 'Content-Type', 'Host', 'Idempotency-Key', 'Origin', 'X-Request-Id'] as const

/** A bit for each of them. */
const BITS = new Map<string, number>(SINGLE.map((name, index) => [name.toLowerCase(), 1 << index]))

const repeatedHeader = ({ rawHeaders }: IncomingMessage): string | undefined => {
  let seen = 0
  let repeated = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const bit = BITS.get(rawHeaders[index]?.toLowerCase() ?? '') ?? 0
    repeated |= seen & bit
    seen |= bit
  }
  return repeated === 0 ? undefined : SINGLE.find((_name, index) => (repeated & (1 << index)) !== 0)
}

const isText = (url: string): boolean => {
  if (!/^[\x21-\x7e]*$/.test(url)) return false
  if (!url.includes('%')) return true
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}

/**
 * Refuses a request that two readers could read in two ways (H3): one with two values where there is one, and
 * one whose path or query is not text in percent-encoded UTF-8.
 */
export const requireOneReading = (request: IncomingMessage): void => {
  const repeated = repeatedHeader(request)
  if (repeated !== undefined) {
    const detail = 'This header may be sent once only.'
    throw new Failure('invalid_request', {
      errors: [{ pointer: `/header/${repeated}`, code: 'repeated', detail }],
    })
  }
  if (!isText(request.url ?? ''))
    throw new Failure('invalid_request', { detail: 'Path and query are percent-encoded UTF-8.' })
}
