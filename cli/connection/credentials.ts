import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { localProblem } from '../problem.ts'
import { surroundings } from '../surroundings.ts'

/** What is kept of one sign-in. `session` is the SDK's own value, stored as it comes. */
export interface StoredSession {
  readonly role: string
  readonly account_id: string
  readonly login: string
  readonly signed_in_at: string
  readonly session: unknown
}

interface Credentials {
  /** The server of the last sign-in: the default of `--server`. */
  readonly server?: string | undefined
  /** By server, so that no token is ever sent to another one. */
  readonly sessions: Readonly<Record<string, StoredSession>>
}

/**
 * The folder of the command line's own files: `AUTHCTL_CONFIG_DIR`, else `authctl` in the XDG configuration
 * folder.
 */
export const configDirectory = (): string => {
  const { env } = surroundings()
  const own = env['AUTHCTL_CONFIG_DIR'] ?? ''
  if (own !== '') return own
  const xdg = env['XDG_CONFIG_HOME'] ?? ''
  // A relative XDG path is to be ignored (XDG Base Directory Specification).
  return join(xdg.startsWith('/') ? xdg : join(env['HOME'] ?? homedir(), '.config'), 'authctl')
}

/** The file that holds the sessions, mode 0600. */
export const credentialsPath = (): string => join(configDirectory(), 'credentials.json')

const EMPTY: Credentials = { sessions: {} }

const refuse = (path: string, why: string, fix: string): never => {
  throw localProblem('unsafe_credentials', `${path} ${why}`, `Fix it with: ${fix}`)
}

/**
 * Refuses a file that others could read or have written (CLI-C16); on Windows the user profile protects it.
 */
const requirePrivate = (path: string, mode: number, uid: number): void => {
  if (process.platform === 'win32') return
  if (getuid !== undefined && uid !== getuid())
    refuse(path, 'belongs to another user', `rm ${path}, then authctl login`)
  if ((mode & 0o077) !== 0)
    refuse(
      path,
      `can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`,
      `chmod 600 ${path}`,
    )
}

const parse = (path: string, text: string): Credentials => {
  try {
    const value = JSON.parse(text) as Partial<Credentials> | null
    if (typeof value?.sessions === 'object' && value.sessions !== null)
      return { ...value, sessions: value.sessions }
  } catch {
    // Answered below: a broken file and one of another shape need the same remedy.
  }
  return refuse(path, 'is not a credentials file of authctl', `rm ${path}, then authctl login`)
}

const load = (): Credentials => {
  const path = credentialsPath()
  try {
    const found = lstatSync(path)
    if (found.isSymbolicLink()) refuse(path, 'is a symbolic link', `rm ${path}, then authctl login`)
    requirePrivate(path, found.mode, found.uid)
    return parse(path, readFileSync(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY
    throw error
  }
}

/**
 * Writes a new file beside the old one and renames it, so that a reader sees the old or the new one whole.
 */
const save = (credentials: Credentials): void => {
  const directory = configDirectory()
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const { uid } = lstatSync(realpathSync(directory))
  if (getuid !== undefined && uid !== getuid())
    throw localProblem(
      'unsafe_credentials',
      `${directory} belongs to another user: no session is kept there`,
      'Set AUTHCTL_CONFIG_DIR to a folder of your own.',
    )
  chmodSync(directory, 0o700)
  const path = credentialsPath()
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(temporary, 'wx', 0o600)
  try {
    // The umask may have taken our own rights.
    fchmodSync(file, 0o600)
    writeSync(file, `${JSON.stringify(credentials, null, 2)}\n`)
    fsyncSync(file)
  } catch (error) {
    closeSync(file)
    rmSync(temporary, { force: true })
    throw error
  }
  closeSync(file)
  renameSync(temporary, path)
}

/** The server of the last sign-in that is still kept. */
export const storedServer = (): string | undefined => load().server

/** The stored session for a server. */
export const storedSession = (server: string): StoredSession | undefined => {
  const { sessions } = load()
  return Object.hasOwn(sessions, server) ? sessions[server] : undefined
}

/** Keeps a sign-in and makes its server the default. */
export const keepSession = (server: string, session: StoredSession): void => {
  const { sessions } = load()
  save({ server, sessions: { ...sessions, [server]: session } })
}

/** Replaces the SDK's value of a kept sign-in (rotated tokens); does nothing once it has been removed. */
export const updateSession = (server: string, session: unknown): void => {
  const { sessions, server: current } = load()
  const stored = Object.hasOwn(sessions, server) ? sessions[server] : undefined
  if (stored !== undefined)
    save({ server: current, sessions: { ...sessions, [server]: { ...stored, session } } })
}

/** Forgets the sign-in to a server; whether there was one. */
export const removeSession = (server: string): boolean => {
  const { sessions, server: current } = load()
  if (!Object.hasOwn(sessions, server)) return false
  const { [server]: _, ...others } = sessions
  save({ server: current === server ? undefined : current, sessions: others })
  return true
}
