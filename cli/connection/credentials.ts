import type { Account } from '@authctl/sdk'
import { join } from 'node:path'
import { shellWord } from '../output/shell-word.ts'
import { configDirectory, readPrivateFile, refuseFile, writePrivateFile } from './private-file.ts'

/** What is kept of one sign-in. `session` is the SDK's own value, stored as it comes. */
export interface StoredSession {
  readonly role: string
  readonly account_id: string
  readonly login: string
  readonly signed_in_at: string
  readonly session: unknown
}

interface Credentials {
  /** The server of the last sign-in without a context: the default of `--server`. */
  readonly server?: string | undefined
  /**
   * By server, so that no token is ever sent to another one; those of a context by its server and its name,
   * so that contexts of one server are different people.
   */
  readonly sessions: Readonly<Record<string, StoredSession>>
}

/** Where a session is kept: the server that it is for, and the context that it belongs to. */
export interface Place {
  readonly url: string
  readonly context?: { readonly name: string } | undefined
}

// No URL of a server has a fragment.
const keyOf = ({ url, context }: Place): string => (context === undefined ? url : `${url}#${context.name}`)

/** The file that holds the sessions, mode 0600. */
export const credentialsPath = (): string => join(configDirectory(), 'credentials.json')

const remedy = (path: string): string => `rm ${shellWord(path)}, then authctl login`

const parse = (path: string, text: string): Credentials => {
  try {
    const value = JSON.parse(text) as Partial<Credentials> | null
    if (typeof value?.sessions === 'object' && value.sessions !== null)
      return { ...value, sessions: value.sessions }
  } catch {
    // Answered below: a broken file and one of another shape need the same remedy.
  }
  return refuseFile(path, 'is not a credentials file of authctl', remedy(path))
}

const load = (): Credentials => {
  const path = credentialsPath()
  const text = readPrivateFile(path, remedy(path))
  return text === undefined ? { sessions: {} } : parse(path, text)
}

const save = (credentials: Credentials): void =>
  writePrivateFile(credentialsPath(), `${JSON.stringify(credentials, null, 2)}\n`)

/** The server of the last sign-in that is still kept. */
export const storedServer = (): string | undefined => load().server

/** Every server that a session is kept for. */
export const storedServers = (): string[] => [
  ...new Set(Object.keys(load().sessions).map((key) => key.split('#', 1)[0] ?? '')),
]

/** The stored session of a place. */
export const storedSession = (place: Place): StoredSession | undefined => {
  const { sessions } = load()
  const key = keyOf(place)
  return Object.hasOwn(sessions, key) ? sessions[key] : undefined
}

/** Keeps a sign-in; one without a context makes its server the default. */
export const keepSession = (place: Place, session: StoredSession): void => {
  const { sessions, server } = load()
  save({
    server: place.context === undefined ? place.url : server,
    sessions: { ...sessions, [keyOf(place)]: session },
  })
}

/** Who has signed in: an account, or what a token says where the account may not be read. */
export type SignedInAs = Pick<Account, 'id' | 'name' | 'username' | 'phone'> & { readonly role: string }

/** Keeps the sign-in of an account: `session` is the SDK's value, `login` what was typed, if anything was. */
export const keepSignIn = (
  place: Place,
  { id, role, username, phone }: SignedInAs,
  { session, login = username ?? phone ?? id }: { readonly session: unknown; readonly login?: string },
): void =>
  keepSession(place, { role, account_id: id, login, signed_in_at: new Date().toISOString(), session })

/** Replaces the SDK's value of a kept sign-in (rotated tokens); does nothing once it has been removed. */
export const updateSession = (place: Place, session: unknown): void => {
  const { sessions, server } = load()
  const key = keyOf(place)
  const stored = Object.hasOwn(sessions, key) ? sessions[key] : undefined
  if (stored !== undefined) save({ server, sessions: { ...sessions, [key]: { ...stored, session } } })
}

/** Forgets the sign-in of a place; whether there was one. */
export const removeSession = (place: Place): boolean => {
  const { sessions, server } = load()
  const key = keyOf(place)
  if (!Object.hasOwn(sessions, key)) return false
  const { [key]: _, ...others } = sessions
  save({ server: server === key ? undefined : server, sessions: others })
  return true
}
