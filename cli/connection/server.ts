import { type Context, currentName, requireContext } from './contexts.ts'
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
  /** The context by which it was named. */
  readonly context?: Context | undefined
}

/** What the flags of a command say of the daemon. */
export interface ServerFlags {
  readonly server?: string | undefined
  /** A name; where circumstances of a question share the flag, those are `KEY=VALUE` among the values. */
  readonly context?: string | readonly string[] | undefined
}

/** The context that the flags name. */
export const namedContext = ({ context }: ServerFlags): string | undefined => {
  const [name, another] = [context ?? []].flat().filter((value) => !value.includes('='))
  if (another === undefined) return name
  throw usageProblem('--context names two contexts', 'A circumstance of a question is KEY=VALUE.')
}

const byContext = (name: string, origin: string): Server => {
  const context = requireContext(name, origin)
  return { url: context.server, why: `the context ${name}, ${origin}`, context }
}

const byUrl = (text: string, origin: string): Server => ({
  url: parseServer(text, origin),
  why: `from ${origin}`,
})

/** The one of two names; neither, or both, which cannot be obeyed. */
const eitherOf = (
  [server, serverOrigin]: readonly [string | undefined, string],
  [context, contextOrigin]: readonly [string | undefined, string],
): Server | undefined => {
  if (server !== undefined && context !== undefined)
    throw usageProblem(`${serverOrigin} and ${contextOrigin} both name a server`, 'Leave one of them out.')
  if (context !== undefined) return byContext(context, `from ${contextOrigin}`)
  return server === undefined ? undefined : byUrl(server, serverOrigin)
}

const fromEnv = (name: string): string | undefined => surroundings().env[name] || undefined

/** The server that was named for this command: by a flag, or else by the environment. */
export const namedServer = (flags: ServerFlags): Server | undefined =>
  eitherOf(
    [flags.server, '--server'],
    [namedContext(flags), Array.isArray(flags.context) ? '--context, for it is no KEY=VALUE' : '--context'],
  ) ??
  eitherOf([fromEnv('AUTHCTL_SERVER'), 'AUTHCTL_SERVER'], [fromEnv('AUTHCTL_CONTEXT'), 'AUTHCTL_CONTEXT'])

/** The server that was named, or else the context of the repository, or else the current one. */
export const pointedServer = async (flags: ServerFlags): Promise<Server | undefined> => {
  const named = namedServer(flags)
  if (named !== undefined) return named
  const { repositoryContext } = await import('./repository.ts')
  const repository = await repositoryContext()
  if (repository !== undefined) return byContext(repository.name, `from ${repository.path}`)
  const current = currentName()
  return current === undefined ? undefined : byContext(current, 'the current one')
}

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
 * --server or --context, AUTHCTL_SERVER or AUTHCTL_CONTEXT, the context of .authctl.yaml, the current one,
 * the server of the last login, HOST and PORT of the folder, http://127.0.0.1:8000: the first that is there.
 */
export const chooseServer = async (flags: ServerFlags): Promise<Server> => {
  const pointed = await pointedServer(flags)
  if (pointed !== undefined) return pointed
  const stored = storedServer()
  return stored === undefined ? await localServer() : { url: stored, why: 'that of the last login' }
}
