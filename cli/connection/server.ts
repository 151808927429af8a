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

/** A daemon to ask, and why this one. */
export interface Server {
  readonly url: string
  /** In words: `the default`. */
  readonly why: string
}

const named = (flag: string | undefined): Server | undefined => {
  if (flag !== undefined) return { url: parseServer(flag, '--server'), why: 'from --server' }
  const text = surroundings().env['AUTHCTL_SERVER'] ?? ''
  return text === '' ? undefined : { url: parseServer(text, 'AUTHCTL_SERVER'), why: 'from AUTHCTL_SERVER' }
}

/** The server that was named by the flag or by AUTHCTL_SERVER; undefined if neither did. */
export const namedServer = (flag: string | undefined): string | undefined => named(flag)?.url

const ORIGINS: Readonly<Record<string, string>> = {
  environment: 'the environment',
  '.env': '.env of this folder',
  file: 'the file that AUTHCTL_CONFIG names',
}

/** What the settings of the folder say, with where they say it; no URL where that is no address. */
const ownAddress = async (): Promise<{ url: string | undefined; where: string } | undefined> => {
  const { findOwnAddress } = await import('../host/daemon.ts')
  const found = await findOwnAddress()
  if (found === undefined) return undefined
  const where = found.origins.map(([name, origin]) => `${name} in ${ORIGINS[origin] ?? origin}`).join(' and ')
  return { url: found.url, where }
}

/** The daemon of the folder that the command stands in, if its settings say where it listens. */
export const folderServer = async (): Promise<Server | undefined> => {
  const own = await ownAddress()
  return own?.url === undefined ? undefined : { url: own.url, why: `from ${own.where}` }
}

/** The daemon of this machine: by HOST and PORT of the folder, else http://127.0.0.1:8000. */
export const localServer = async (): Promise<Server> => {
  const own = await ownAddress()
  if (own === undefined) return { url: DEFAULT_SERVER, why: 'the default' }
  return own.url === undefined
    ? { url: DEFAULT_SERVER, why: `the default, for ${own.where} is no address` }
    : { url: own.url, why: `from ${own.where}` }
}

/**
 * --server, AUTHCTL_SERVER, the server of the last login, HOST and PORT of the folder,
 * http://127.0.0.1:8000: the first that is there.
 */
export const chooseServer = async (flag: string | undefined): Promise<Server> => {
  const given = named(flag)
  if (given !== undefined) return given
  const stored = storedServer()
  return stored === undefined ? await localServer() : { url: stored, why: 'that of the last login' }
}
