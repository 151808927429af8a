import { isAuthctlError } from '../errors.ts'
import type { Middleware, OutgoingRequest } from '../middleware.ts'

/** Where the lines go, and by what they are timed. */
export interface DebugOptions {
  /** Default: `console.debug`. */
  readonly log?: ((line: string) => void) | undefined
  /** Milliseconds. Default: `Date.now`. */
  readonly now?: (() => number) | undefined
}

/** Routes below these have secrets in their older paths, after three segments; a base path may precede. */
const SECRET_PATHS = /(\/(?:auth|user)\/[^/]*\/[^/]*)\/.+/

/** Path and names of the query: values may be numbers of phones. */
const targetOf = (url: string): string => {
  const [address = '', query = ''] = url.split('?')
  const path = `/${address.split('/').slice(3).join('/')}`.replace(SECRET_PATHS, '$1/…')
  const names = query.split('&').map((pair) => pair.split('=')[0])
  return query === '' ? path : `${path}?${names.join('&')}`
}

/** The names of the fields of a body, and nothing of what they hold. */
const fieldsOf = ({ body }: OutgoingRequest): string => {
  try {
    const value: unknown = JSON.parse(body ?? '{}')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return ' (body)'
    const names = Object.keys(value)
    return names.length === 0 ? '' : ` {${names.join(', ')}}`
  } catch {
    return ' (body)'
  }
}

/**
 * Writes a line for each request and each answer: method, path, names of fields, status, time, request id.
 * No value of a header, of a query or of a body is written, so that no token, code or phone number is.
 * `createClient({ middleware: [debug()] })`.
 */
export const debug = ({
  // oxlint-disable-next-line no-console
  log = (line) => console.debug(line),
  now = Date.now,
}: DebugOptions = {}): Middleware => {
  return (next) => async (url, request) => {
    const name = `${request.method} ${targetOf(url)}`
    const id = request.headers.get('x-request-id') ?? ''
    const bearer = request.headers.has('authorization') ? ' with a token' : ''
    log(`authctl → ${name}${fieldsOf(request)}${bearer} [${id}]`)
    const startedAt = now()
    const ended = (how: string): void => log(`authctl ← ${name} ${how} after ${now() - startedAt} ms [${id}]`)
    try {
      const response = await next(url, request)
      ended(String(response.status))
      return response
    } catch (error) {
      // The texts of other errors may repeat what was sent.
      ended(isAuthctlError(error) ? error.code : 'no answer')
      throw error
    }
  }
}
