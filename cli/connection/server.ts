import { storedServer } from './credentials.ts'
import { usageProblem } from '../problem.ts'
import { surroundings } from '../surroundings.ts'

const DEFAULT_SERVER = 'http://127.0.0.1:8000'

/**
 * The base URL without a slash at its end; refuses anything but http and https, and a URL that carries a
 * password.
 */
export const parseServer = (text: string, origin: string): string => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw usageProblem(
      `${origin} must be an http or https URL`,
      'For example: --server http://127.0.0.1:8000',
    )
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw usageProblem(`${origin} must have no user, query or fragment`)
  return url.href.replace(/\/+$/, '')
}

/** The server that was named by the flag or by AUTHCTL_SERVER; undefined if neither did. */
export const namedServer = (flag: string | undefined): string | undefined => {
  if (flag !== undefined) return parseServer(flag, '--server')
  const named = surroundings().env['AUTHCTL_SERVER'] ?? ''
  return named === '' ? undefined : parseServer(named, 'AUTHCTL_SERVER')
}

/** --server, AUTHCTL_SERVER, the server of the last login, http://127.0.0.1:8000: the first that is there. */
export const chooseServer = (flag: string | undefined): string =>
  namedServer(flag) ?? storedServer() ?? DEFAULT_SERVER

/**
 * Where a daemon of this host listens as seen from its own container: PORT of the environment
 * (`healthcheck`).
 */
export const localServer = (): string =>
  `http://127.0.0.1:${surroundings().env['PORT'] ?? ''}`.replace(/:$/, ':8000')
