import { paint } from '../output/color.ts'
import { toJson } from '../output/json.ts'
import { tell } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'
import { surroundings } from '../surroundings.ts'

const SECRET = /password|token|otp|secret|authorization|(?:^|_)key$/i

/** The value with every secret replaced, however deep; by the name of its field. */
export const redact = (value: unknown, name = ''): unknown => {
  if (
    SECRET.test(name) &&
    value !== null &&
    typeof value !== 'object' &&
    name !== 'issue_token' &&
    name !== 'token_type'
  )
    return '(secret)'
  if (Array.isArray(value)) return value.map((item) => redact(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redact(item, key)]))
}

const MAX_SHOWN = 2000

const showBody = (text: string): string => {
  try {
    const shown = toJson(redact(JSON.parse(text)), 0)
    return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}… (${text.length} characters)` : shown
  } catch {
    // Not JSON: nothing can be told apart in it, so nothing of it is shown.
    return `(${text.length} characters that are not JSON)`
  }
}

/** `fetch` that tells each request and answer on stderr, without secrets (`--debug`, CLI-C18). */
export const debugFetch: typeof fetch = async (input, init) => {
  const { stderr } = surroundings()
  const request = new Request(input, init)
  const body = await request.clone().text()
  const { pathname, search, origin } = new URL(request.url)
  tell(paint(stderr, 'dim', makeSafe(`> ${request.method} ${origin}${pathname}${search}`)))
  if (body !== '') tell(paint(stderr, 'dim', `> ${showBody(body)}`))
  const start = performance.now()
  const response = await fetch(request)
  const id = response.headers.get('x-request-id') ?? 'none'
  tell(
    paint(
      stderr,
      'dim',
      makeSafe(`< ${response.status} in ${(performance.now() - start).toFixed(0)} ms, request ${id}`),
    ),
  )
  const answer = await response.clone().text()
  if (answer !== '') tell(paint(stderr, 'dim', `< ${showBody(answer)}`))
  return response
}
