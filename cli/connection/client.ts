import {
  type Account,
  type AuthctlClient,
  createClient,
  type CreatedAccount,
  type NewClient,
  type NewSubClient,
  type NewSuperAdmin,
  type Page,
  type Session,
  type SessionStorage,
  type SignedIn,
  type SuperAdminLogin,
  type UserLogin,
} from '@authctl/sdk'
import { credentialsPath, keepSession, storedSession, updateSession } from './credentials.ts'
import { debugFetch } from './debug-fetch.ts'
import { localProblem } from '../problem.ts'
import { readSecretFile } from '../input/prompt.ts'
import type { Kind, Role } from '../kinds.ts'
import { chooseServer } from './server.ts'
import { surroundings } from '../surroundings.ts'

/** The flags that decide how a daemon is spoken to. */
interface ConnectFlags {
  readonly server?: string | undefined
  /** Seconds. */
  readonly timeout: number
  readonly debug: boolean
}

/** Where the access token comes from. */
export type TokenSource =
  | { readonly kind: 'AUTHCTL_TOKEN' | 'AUTHCTL_TOKEN_FILE'; readonly token: string }
  | { readonly kind: 'file'; readonly path: string; readonly session: Session }
  | { readonly kind: 'none' }

/** A client that acts for the one who is signed in. */
export interface Connection {
  readonly client: AuthctlClient
  readonly server: string
  readonly source: TokenSource
  /** When the access token ends (RFC 3339); null if it does not say. */
  readonly expiresAt: () => Promise<string | null>
}

/** AUTHCTL_TOKEN beats AUTHCTL_TOKEN_FILE beats the credentials file (CLI-C15). */
export const findToken = async (
  flag: string | undefined,
): Promise<{ server: string; why: string; source: TokenSource }> => {
  const { url: server, why } = await chooseServer(flag)
  const { env } = surroundings()
  const token = env['AUTHCTL_TOKEN'] ?? ''
  if (token !== '') return { server, why, source: { kind: 'AUTHCTL_TOKEN', token } }
  const file = env['AUTHCTL_TOKEN_FILE'] ?? ''
  if (file !== '') {
    const text = readSecretFile(file, 'access token').trim()
    return { server, why, source: { kind: 'AUTHCTL_TOKEN_FILE', token: text } }
  }
  const session = (storedSession(server)?.session ?? undefined) as Session | undefined
  return {
    server,
    why,
    source: session === undefined ? { kind: 'none' } : { kind: 'file', path: credentialsPath(), session },
  }
}

/** When a JWT ends, by its own claim; nothing of it is verified here. */
const expiryOf = (token: string): string | null => {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
    const { exp } = JSON.parse(payload) as { exp?: unknown }
    return typeof exp === 'number' ? new Date(exp * 1000).toISOString() : null
  } catch {
    return null
  }
}

/** Writes rotated tokens back at once: the refresh token before them is of no use any more. */
const fileStorage = (server: string, initial: Session): SessionStorage => {
  let held: Session | undefined = initial
  return {
    get: () => held,
    set: (session) => {
      held = session
      updateSession(server, session)
    },
    // The session is over. Its server stays the default, so that the next error names the right one.
    remove: () => {
      held = undefined
      updateSession(server, null)
    },
  }
}

const optionsFor = (server: string, { timeout, debug }: ConnectFlags) => ({
  baseUrl: server,
  timeoutMs: timeout * 1000,
  ...(debug ? { fetch: debugFetch } : {}),
})

/** Connects as the one who is signed in. Throws `Problem` `not_signed_in` before anything is sent. */
export const connect = async (flags: ConnectFlags): Promise<Connection> => {
  const { server, why, source } = await findToken(flags.server)
  if (source.kind === 'none')
    throw localProblem(
      'not_signed_in',
      `not signed in to ${server} (${why})`,
      `Sign in with: authctl login${flags.server === undefined ? '' : ` --server ${server}`}`,
      'auth',
    )
  const client = createClient({
    ...optionsFor(server, flags),
    ...(source.kind === 'file'
      ? { storage: fileStorage(server, source.session) }
      : { accessToken: source.token }),
  })
  const expiresAt = async (): Promise<string | null> =>
    expiryOf((await client.session.get())?.accessToken ?? '')
  return { client, server, source, expiresAt }
}

/** A client of a daemon as nobody, for set-up and sign-in. What it signs in stays in memory. */
export const connectAnonymously = (server: string, flags: ConnectFlags): AuthctlClient =>
  createClient(optionsFor(server, flags))

/** The body of a `create` call of any kind. */
export type NewAccount = NewClient & NewSubClient

/** Creates an account of the kind that a topic speaks of; end users create themselves. */
export const createAccount = async (
  client: AuthctlClient,
  topic: Kind['topic'],
  body: NewAccount,
): Promise<CreatedAccount> => {
  switch (topic) {
    case 'superadmins':
      return await client.superadmins.create(body as NewSuperAdmin)
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

const login = async (client: AuthctlClient, role: Role, credentials: Credentials): Promise<SignedIn> => {
  switch (role) {
    case 'super-admin':
      return await client.superadmins.login(credentials as SuperAdminLogin)
    case 'admin':
      return await client.admins.login(credentials)
    case 'client':
      return await client.clients.login(credentials)
    case 'sub-client':
      return await client.subclients.login(credentials)
    case 'user':
      return await client.users.login(credentials as UserLogin)
  }
}

/** Signs in with a client and keeps its session in the credentials file. */
export const signIn = async (
  client: AuthctlClient,
  server: string,
  role: Role,
  credentials: Credentials,
): Promise<{ account: Account; expiresAt: string | null }> => {
  const { account, token } = await login(client, role, credentials)
  keepSession(server, {
    role,
    account_id: account.id,
    login: 'username' in credentials ? credentials.username : credentials.number,
    signed_in_at: new Date().toISOString(),
    session: await client.session.get(),
  })
  return { account, expiresAt: expiryOf(token.access_token) }
}

/** One page as it came, or with `all` everything from it on as one page. */
export const collectPages = async <T>(
  first: Page<T>,
  all: boolean,
): Promise<{ items: T[]; next_cursor: string | null }> => {
  if (!all) return { items: first.items, next_cursor: first.next_cursor }
  const items: T[] = []
  for await (const item of first) items.push(item)
  return { items, next_cursor: null }
}
