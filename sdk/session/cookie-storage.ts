import { requireAtLeast } from '../numbers.ts'
import { parseSession, type Session, type SessionStorage } from '../storage.ts'
import { web } from './web.ts'

/** Where cookies are read from and written to: the page, or the headers of what a server answers. */
export interface CookieJar {
  /** All cookies as `document.cookie` and the `Cookie` header have them, with what was written since. */
  readonly read: () => string
  /** Sets one, as `document.cookie` and the `Set-Cookie` header take it. */
  readonly write: (cookie: string) => void
}

/** How the cookie of a session is made. */
export interface CookieOptions {
  /** Default `authctl.session`. */
  readonly name?: string | undefined
  /** Default: the host of the page and no other. */
  readonly domain?: string | undefined
  /** Default `/`. */
  readonly path?: string | undefined
  /** At least 1. Default: 30 days. The session itself ends when the daemon says so. */
  readonly maxAgeSeconds?: number | undefined
  /** Default `Lax`. */
  readonly sameSite?: 'Strict' | 'Lax' | undefined
  /** Only over HTTPS. Default: whether the page itself came by it. */
  readonly secure?: boolean | undefined
  /** Default: that of the page. */
  readonly jar?: CookieJar | undefined
}

/** What browsers take of one cookie with its name. */
const MAX_BYTES = 4096

const pageJar: CookieJar = {
  read: () => web().document?.cookie ?? '',
  write: (cookie) => {
    const { document } = web()
    if (document !== undefined) document.cookie = cookie
  },
}

/**
 * Keeps the session in one cookie, for a site whose own server reads it with each request. Scripts of the
 * page can read it as they can read `localStorage`. An account that does not fit is left out; a session that
 * does not fit, or that the browser does not take, is an `Error`.
 */
export const cookieStorage = (options: CookieOptions = {}): SessionStorage => {
  const { name = 'authctl.session', domain, path = '/', maxAgeSeconds = 30 * 86_400 } = options
  const { sameSite = 'Lax', jar = pageJar } = options
  requireAtLeast(1, { maxAgeSeconds })

  const write = (value: string, maxAge: number): void => {
    const secure = options.secure ?? web().location?.protocol === 'https:'
    jar.write(
      `${name}=${value}; Path=${path}; Max-Age=${maxAge}; SameSite=${sameSite}` +
        (domain === undefined ? '' : `; Domain=${domain}`) +
        (secure ? '; Secure' : ''),
    )
  }
  const read = (): string | undefined =>
    jar
      .read()
      .split(/; */)
      .find((cookie) => cookie.startsWith(`${name}=`))
      ?.slice(name.length + 1)

  const textOf = (session: Session): string => encodeURIComponent(JSON.stringify(session))
  const fits = (text: string): boolean => name.length + 1 + text.length <= MAX_BYTES

  return {
    get: () => {
      try {
        return parseSession(decodeURIComponent(read() ?? 'null'))
      } catch {
        return undefined
      }
    },
    set: (session) => {
      const whole = textOf(session)
      const text = fits(whole) ? whole : textOf({ ...session, account: undefined })
      write(text, maxAgeSeconds)
      if (read() !== text) throw new Error('the browser does not take the cookie of the session')
    },
    remove: () => write('', 0),
  }
}
