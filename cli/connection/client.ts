import {
  type Account,
  type AuthctlClient,
  type ClientOptions,
  createClient,
  type CreatedAccount,
  type NewClient,
  type NewSubClient,
  type NewSuperAdmin,
  type Session,
  type SessionStorage,
  type SignedIn,
  type SuperAdminLogin,
  type UserLogin,
} from '@authctl/sdk'
import { gatedClient } from './gate.ts'
import {
  credentialsPath,
  keepSignIn,
  type StoredSession,
  storedSession,
  updateSession,
} from './credentials.ts'
import { debugFetch } from './debug-fetch.ts'
import { localProblem } from '../problem.ts'
import { readSecretFile } from '../input/prompt.ts'
import { ownAnswers } from './own-answers.ts'
import type { Kind, Role } from '../kinds.ts'
import { chooseServer, namedContext, type Server, type ServerFlags } from './server.ts'
import { claimsOf, requireOwnToken } from './token.ts'
import { surroundings } from '../surroundings.ts'

/** The flags that decide how a daemon is spoken to. */
export interface ConnectFlags extends ServerFlags {
  /** Seconds. */
  readonly timeout: number
  readonly debug: boolean
  /** Confirmed without being asked. */
  readonly yes: boolean
  readonly 'no-input'?: boolean | undefined
}

/** Where the access token comes from. */
export type TokenSource =
  | { readonly kind: 'AUTHCTL_TOKEN' | 'AUTHCTL_TOKEN_FILE'; readonly token: string }
  | {
      readonly kind: 'file'
      readonly path: string
      readonly session: Session
      readonly signedIn: StoredSession
    }
  | { readonly kind: 'none' }

/** A client that acts for the one who is signed in. */
export interface Connection {
  readonly client: AuthctlClient
  readonly server: Server
  readonly source: TokenSource
  /** When the access token ends (RFC 3339); null if it does not say. */
  readonly expiresAt: () => Promise<string | null>
}

/** A value of the SDK's as it was stored; of another shape it is no session. */
const isSession = (value: unknown): value is Session =>
  typeof value === 'object' &&
  value !== null &&
  'accessToken' in value &&
  typeof value.accessToken === 'string'

const findSource = (server: Server): TokenSource => {
  const { env } = surroundings()
  const token = (env['AUTHCTL_TOKEN'] ?? '').trim()
  if (token !== '') return { kind: 'AUTHCTL_TOKEN', token }
  const file = env['AUTHCTL_TOKEN_FILE'] ?? ''
  if (file !== '') return { kind: 'AUTHCTL_TOKEN_FILE', token: readSecretFile(file, 'access token').trim() }
  const signedIn = storedSession(server)
  return isSession(signedIn?.session)
    ? { kind: 'file', path: credentialsPath(), session: signedIn.session, signedIn }
    : { kind: 'none' }
}

/**
 * AUTHCTL_TOKEN beats AUTHCTL_TOKEN_FILE beats the credentials file (CLI-C15). Throws `Problem`
 * `token_of_other_server` for a token of the environment that belongs to another server.
 */
export const findToken = async (flags: ServerFlags): Promise<{ server: Server; source: TokenSource }> => {
  const server = await chooseServer(flags)
  const source = findSource(server)
  if ('token' in source) requireOwnToken(source, server)
  return { server, source }
}

/** Writes rotated tokens back at once: the refresh token before them is of no use any more. */
const fileStorage = (server: Server, initial: Session): SessionStorage => {
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

/**
 * A client of a daemon, as who the token or the storage says; without one, as nobody, for set-up and sign-in:
 * what that signs in stays in memory.
 */
export const openClient = (
  url: string,
  { timeout, debug }: Pick<ConnectFlags, 'timeout' | 'debug'>,
  as: Pick<ClientOptions, 'accessToken' | 'storage'> = {},
): AuthctlClient => {
  const options = { baseUrl: url, timeoutMs: timeout * 1000, ...(debug ? { fetch: debugFetch } : {}) }
  return ownAnswers(createClient({ ...options, ...as }), url)
}

/** How to sign in where the flags lead. */
const howToSignIn = ({ url, context }: Server, flags: ServerFlags): string => {
  if (namedContext(flags) !== undefined) return `authctl login --context ${context?.name ?? ''}`
  return `authctl login${flags.server === undefined ? '' : ` --server ${url}`}`
}

/**
 * Connects as the one who is signed in. Before the first call that changes something, it is said where and as
 * whom, and a protected context asks for its name (CLI-C14). Throws `Problem` `not_signed_in` before anything
 * is sent.
 */
export const connect = async (flags: ConnectFlags): Promise<Connection> => {
  const { server, source } = await findToken(flags)
  if (source.kind === 'none')
    throw localProblem(
      'not_signed_in',
      `not signed in to ${server.url} (${server.why})`,
      `Sign in with: ${howToSignIn(server, flags)}`,
      'auth',
    )
  const as =
    source.kind === 'file' ? { storage: fileStorage(server, source.session) } : { accessToken: source.token }
  const client = openClient(server.url, flags, as)
  const expiresAt = async (): Promise<string | null> =>
    claimsOf((await client.session.get())?.accessToken ?? '').expiresAt
  return { client: gatedClient(client, { server, source, flags }), server, source, expiresAt }
}

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
  server: Server,
  role: Role,
  credentials: Credentials,
): Promise<{ account: Account; expiresAt: string | null }> => {
  const { account, token } = await login(client, role, credentials)
  keepSignIn(server, account, {
    session: await client.session.get(),
    login: 'username' in credentials ? credentials.username : credentials.number,
  })
  return { account, expiresAt: claimsOf(token.access_token).expiresAt }
}
