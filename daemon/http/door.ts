import type { NextFunction, Request, Response } from 'express'
import { Failure } from '../domain/failure.ts'

/**
 * Headers that have one value. Node keeps the first of two, and whoever stands before it perhaps the last.
 */
const SINGLE = ['Authorization', 'Content-Type', 'Host', 'Idempotency-Key', 'Origin', 'X-Request-Id'] as const

const repeatedHeader = ({ rawHeaders }: Request): string | undefined => {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase())
  return SINGLE.find((name) => names.filter((each) => each === name.toLowerCase()).length > 1)
}

const isText = (url: string): boolean => {
  if (!/^[\x21-\x7e]*$/.test(url)) return false
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
export const requireOneReading = (request: Request, _response: Response, next: NextFunction): void => {
  const repeated = repeatedHeader(request)
  if (repeated !== undefined) {
    const detail = 'This header may be sent once only.'
    throw new Failure('invalid_request', {
      errors: [{ pointer: `/header/${repeated}`, code: 'repeated', detail }],
    })
  }
  if (!isText(request.url))
    throw new Failure('invalid_request', { detail: 'Path and query are percent-encoded UTF-8.' })
  next()
}
