import { createClient } from '@authctl/sdk'
import { env } from 'node:process'
import { credentialsPath, keepSession, storedSession, updateSession } from './credentials.ts'
import { debugFetch } from './debug-fetch.ts'
import { localProblem } from './problem.ts'
import { readSecretFile } from './prompt.ts'
import type { Kind, Role } from './roles.ts'
import { chooseServer } from './server.ts'

/** The SDK's client. */
export type Client = ReturnType<typeof createClient>
type Storage = NonNullable<Parameters<typeof createClient>[0]['storage']>
/** What the SDK keeps of a sign-in. */
type Session = NonNullable<Awaited<ReturnType<Storage['get']>>>

/** The flags that decide how a daemon is spoken to. */
interface ConnectFlags {
  readonly server?: string | undefined
  readonly timeout: number
  readonly debug: boolean
}

/** Where the access token comes from. */
export type TokenSource =
  | { readonly kind: 'AUTHCTL_TOKEN' | 'AUTHCTL_TOKEN_FILE'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'none' }

/** A client that acts for the one who is signed in. */
export interface Connection {
  readonly client: Client
  readonly server: string
  readonly source: TokenSource
  /** When the access token ends (RFC 3339); null if it does not say. */
  readonly expiresAt: () => string | null
}

/** AUTHCTL_TOKEN beats AUTHCTL_TOKEN_FILE beats the credentials file (C15). */
export const findToken = (flag: string | undefined): { server: string; source: TokenSource } => {
  const server = chooseServer(flag)
  const token = env['AUTHCTL_TOKEN'] ?? ''
  if (token !== '') return { server, source: { kind: 'AUTHCTL_TOKEN', token } }
  const file = env['AUTHCTL_TOKEN_FILE'] ?? ''
  if (file !== '')
    return {
      server,
      source: { kind: 'AUTHCTL_TOKEN_FILE', token: readSecretFile(file, 'access token').trim() },
    }
  return {
    server,
    source:
      storedSession(server) === undefined ? { kind: 'none' } : { kind: 'file', path: credentialsPath() },
  }
}

/** When a JWT ends, by its own claim; nothing of it is verified here. */
const expiryOf = (token: string): string | null => {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
      exp?: unknown
    }
    return typeof claims.exp === 'number' ? new Date(claims.exp * 1000).toISOString() : null
  } catch {
    return null
  }
}

interface Cell {
  session: Session | undefined
}

const inMemory = (cell: Cell, onChange: (session: Session) => void = () => undefined): Storage => ({
  get: () => cell.session,
  set: (session) => {
    cell.session = session
    onChange(session)
  },
  remove: () => {
    cell.session = undefined
  },
})

const open = (server: string, { timeout, debug }: ConnectFlags, storage: Storage): Client =>
  createClient({ baseUrl: server, storage, timeoutMs: timeout * 1000, ...(debug ? { fetch: debugFetch } : {}) })

const notSignedIn = (server: string): Error =>
  localProblem('not_signed_in', `not signed in to ${server}`, 'Sign in with: authctl login', 'auth')

/** Connects as the one who is signed in. Throws `Problem` `not_signed_in` before anything is sent. */
export const connect = (flags: ConnectFlags): Connection => {
  const { server, source } = findToken(flags.server)
  if (source.kind === 'none') throw notSignedIn(server)
  const cell: Cell = {
    session:
      source.kind === 'file'
        ? (storedSession(server)?.session as Session)
        : // Nothing to refresh with: when the daemon refuses it, the caller has to bring another.
          ({ accessToken: source.token } as Session),
  }
  // Rotated tokens are written at once: the old refresh token is of no use any more.
  const storage = inMemory(
    cell,
    source.kind === 'file' ? (session) => updateSession(server, session) : undefined,
  )
  return {
    client: open(server, flags, storage),
    server,
    source,
    expiresAt: () => expiryOf(cell.session?.accessToken ?? ''),
  }
}

/** A client of a daemon as nobody, for set-up and sign-in. What it signs in stays in memory. */
export const connectAnonymously = (server: string, flags: ConnectFlags): Client =>
  open(server, flags, inMemory({ session: undefined }))

type Body<Topic extends 'admins' | 'clients' | 'subclients' | 'superadmins'> = Parameters<
  Client[Topic]['create']
>[0]
/** The body of a `create` call of any kind. */
export type NewAccount = Body<'admins'> &
  Pick<Body<'clients'>, 'admin_id'> &
  Pick<Body<'subclients'>, 'client_id'>
/** One GeoJSON feature of the places directory. */
export type PlaceFeature = Parameters<Client['places']['import']>[0]['features'][number]

/** Creates an account of the kind that a topic speaks of; end users create themselves. */
export const createAccount = async (
  client: Client,
  topic: Kind['topic'],
  body: NewAccount,
): ReturnType<Client['admins']['create']> => {
  switch (topic) {
    case 'superadmins':
      return await client.superadmins.create(body as Body<'superadmins'>)
    case 'admins':
      return await client.admins.create(body)
    case 'clients':
      return await client.clients.create(body)
    case 'subclients':
      return await client.subclients.create(body)
    case 'users':
      throw new Error('end users are created by their first sign-in')
  }
}

type Credentials =
  { readonly username: string; readonly password: string } | { readonly number: string; readonly otp: string }
type SignedIn = Awaited<ReturnType<Client['admins']['login']>>

const login = async (client: Client, role: Role, credentials: Credentials): Promise<SignedIn> => {
  switch (role) {
    case 'super-admin':
      return await client.superadmins.login(credentials as Parameters<Client['superadmins']['login']>[0])
    case 'admin':
      return await client.admins.login(credentials)
    case 'client':
      return await client.clients.login(credentials)
    case 'sub-client':
      return await client.subclients.login(credentials)
    case 'user':
      return await client.users.login(credentials as Parameters<Client['users']['login']>[0])
  }
}

/** Signs in and keeps the session in the credentials file. */
export const signIn = async (
  server: string,
  flags: ConnectFlags,
  role: Role,
  credentials: Credentials,
): Promise<{ account: SignedIn['account']; expiresAt: string | null }> => {
  const cell: Cell = { session: undefined }
  const { account, token } = await login(open(server, flags, inMemory(cell)), role, credentials)
  const shown = 'username' in credentials ? credentials.username : credentials.number
  keepSession(server, {
    role,
    account_id: account.id,
    login: shown,
    signed_in_at: new Date().toISOString(),
    session: cell.session,
  })
  return { account, expiresAt: expiryOf(token.access_token) }
}

/** One page of a list, or with `all` every page as one. */
export const collectPages = async <T>(
  fetchPage: (cursor: string | undefined) => Promise<{ items: T[]; next_cursor: string | null }>,
  start: string | undefined,
  all: boolean,
): Promise<{ items: T[]; next_cursor: string | null }> => {
  const first = await fetchPage(start)
  const items = first.items
  let next = first.next_cursor
  while (all && next !== null) {
    const page = await fetchPage(next)
    items.push(...page.items)
    next = page.next_cursor
  }
  return { items, next_cursor: next }
}
