import { access } from './resources/access.ts'
import { accounts } from './resources/accounts.ts'
import { admins } from './resources/admins.ts'
import { attachments } from './resources/attachments.ts'
import { auth } from './resources/auth.ts'
import { clients } from './resources/clients.ts'
import { keys } from './resources/keys.ts'
import { oauth } from './resources/oauth.ts'
import { otp } from './resources/otp.ts'
import { passwords } from './resources/passwords.ts'
import { places } from './resources/places.ts'
import { policies } from './resources/policies.ts'
import { refreshKeys } from './resources/refresh-keys.ts'
import { services } from './resources/services.ts'
import { sessions } from './resources/sessions.ts'
import { snapshots } from './resources/snapshots.ts'
import { subclients } from './resources/subclients.ts'
import { superadmins } from './resources/superadmins.ts'
import { system } from './resources/system.ts'
import { tokens } from './resources/tokens.ts'
import { users } from './resources/users.ts'
import { requirePlatform } from './platform.ts'
import { createSender, type Sender } from './sender.ts'
import { memoryStorage, type SessionControl, type SessionStorage } from './session.ts'
import type { ResponseInfo, TransportConfig } from './transport.ts'

/** What a client is made of; only `baseUrl` is required. */
export interface ClientOptions {
  /** Where the daemon is reached, such as `https://auth.example.com`. */
  readonly baseUrl: string
  /** The name of this application; becomes the `client_id` claim. Default: the daemon's. */
  readonly clientId?: string | undefined
  /** Where the session is kept. Default: in memory. */
  readonly storage?: SessionStorage | undefined
  /** Acts with this access token and keeps nothing in `storage`; for scripts. It is never refreshed. */
  readonly accessToken?: string | undefined
  /** For one attempt, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number | undefined
  /**
   * For a whole call, with its repeats and pauses and a refresh before it, in milliseconds. Default: none.
   */
  readonly deadlineMs?: number | undefined
  /** Attempts after the first, where a repeat cannot do harm. Default 2. */
  readonly retries?: number | undefined
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
  /** Called for each answer, with its status and request id. */
  readonly onResponse?: ((info: ResponseInfo) => void) | undefined
}

const resources = (sender: Sender) => ({
  system: system(sender),
  otp: otp(sender),
  users: users(sender),
  superadmins: superadmins(sender),
  admins: admins(sender),
  clients: clients(sender),
  subclients: subclients(sender),
  auth: auth(sender),
  passwords: passwords(sender),
  tokens: tokens(sender),
  refreshKeys: refreshKeys(sender),
  keys: keys(sender),
  oauth: oauth(sender),
  sessions: sessions(sender),
  accounts: accounts(sender),
  policies: policies(sender),
  attachments: attachments(sender),
  services: services(sender),
  snapshots: snapshots(sender),
  access: access(sender),
  places: places(sender),
})

/** A typed client of one daemon. It holds at most one session and refreshes it by itself. */
export type AuthctlClient = ReturnType<typeof resources> & {
  readonly session: SessionControl
  /** Any path of the daemon, for what the typed methods do not cover. */
  readonly raw: Sender['raw']
}

/** Scheme, host and port; then the path. */
const BASE_URL = /^(https?:\/\/[^\s/?#@\\]+)(\/[^\s?#]*)?([?#]\S*)?$/i

const baseOf = (baseUrl: string): Pick<TransportConfig, 'baseUrl' | 'origin'> => {
  const [, origin, path = ''] = BASE_URL.exec(baseUrl) ?? []
  // The URL is not repeated: it may hold a password.
  if (origin === undefined) throw new TypeError('baseUrl must be an http or https URL without credentials')
  return { baseUrl: origin + path.replace(/\/+$/, ''), origin }
}

/**
 * Makes a client. Nothing is sent before the first call; tokens never show in its printed or serialised form.
 * Throws `TypeError` for a `baseUrl` that is none, and `UnsupportedPlatformError`.
 */
export const createClient = (options: ClientOptions): AuthctlClient => {
  requirePlatform(options.fetch)
  const { accessToken, storage = memoryStorage() } = options
  // A function of its own: browsers refuse a `fetch` that is called as a method of another object.
  const send = options.fetch
  const sender = createSender(
    {
      ...baseOf(options.baseUrl),
      fetch: (input, init) => (send ?? fetch)(input, init),
      timeoutMs: options.timeoutMs ?? 15_000,
      deadlineMs: options.deadlineMs,
      retries: options.retries ?? 2,
      headers: options.headers ?? {},
      onResponse: options.onResponse,
    },
    accessToken === undefined ? storage : memoryStorage({ accessToken }),
    options.clientId,
  )
  const { get, set, clear, onChange } = sender.session
  return { ...resources(sender), session: { get, set, clear, onChange }, raw: sender.raw }
}
