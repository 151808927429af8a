import { createCoreClient } from '../core-client.ts'
import { ArgumentError } from '../errors.ts'
import { oauth } from '../resources/oauth.ts'
import { timesOf } from '../session-keeper.ts'
import type { Session, SessionStorage } from '../storage.ts'
import type { OAuthTokenRequest } from '../types.gen.ts'
import { createAssert, type PrivateKey } from './assertion.ts'

/** The application as who a client acts. */
export interface ApplicationOptions {
  /** Where the daemon is reached, such as `https://auth.example.com`. */
  readonly baseUrl: string
  /** The id of the application, `app_…`. */
  readonly applicationId: string
  /** Its service key, `authctl_sk_…`; a function is asked each time, so that the key can be rotated. */
  readonly serviceKey?: string | (() => string | Promise<string>) | undefined
  /**
   * In place of a service key: the private half of a key pair of its own (`private_key_jwt`, RFC 7523), which
   * does not leave the process; a function is asked each time.
   */
  readonly privateKey?: PrivateKey | (() => PrivateKey | Promise<PrivateKey>) | undefined
  /** The issuer of the daemon, for whom assertions are, where it is another than `baseUrl`. */
  readonly issuer?: string | undefined
  /** Policies of the application to which its tokens are narrowed. Default: all that it may do. */
  readonly scope?: readonly string[] | undefined
  /** Replaces the global `fetch`. */
  readonly fetch?: typeof fetch | undefined
}

/** A new token is asked for this long before the present one ends. */
const MARGIN_MS = 60_000
/** Stands where a session has its refresh token: the key takes its place, and is not kept here. */
const BY_KEY = 'by-service-key'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

type Proof = Pick<OAuthTokenRequest, 'client_secret' | 'client_assertion' | 'client_assertion_type'>

/** What the application shows of itself with each request for a token. Throws `ArgumentError`. */
const createProve = ({
  baseUrl,
  applicationId,
  serviceKey,
  privateKey,
  issuer = baseUrl,
}: ApplicationOptions): (() => Promise<Proof>) => {
  if ((serviceKey === undefined) === (privateKey === undefined))
    throw new ArgumentError('an application has either a serviceKey or a privateKey')
  const assertion = createAssert()
  return async () => {
    if (privateKey === undefined)
      return { client_secret: typeof serviceKey === 'function' ? await serviceKey() : serviceKey }
    const key = typeof privateKey === 'function' ? await privateKey() : privateKey
    const audience = issuer.replace(/\/$/, '')
    return {
      client_assertion: await assertion(key, { applicationId, audience }),
      client_assertion_type: ASSERTION,
    }
  }
}

/**
 * The session of an application, for `createClient({ baseUrl, storage: applicationSession({ … }) })`: the
 * client signs in by the service key, or by assertions that the private key signs, when it is used first (RFC
 * 6749 section 4.4), and again before the token ends or when the daemon refuses it. One request for a token
 * at a time; it lives in memory. A call fails with the `ApiError` of the token endpoint, such as
 * `invalid_client`, where there is no token to be had. Throws `ArgumentError` for both keys, or none.
 */
export const applicationSession = (options: ApplicationOptions): SessionStorage => {
  const { baseUrl, applicationId, scope, fetch } = options
  const prove = createProve(options)
  const client = createCoreClient({ baseUrl, fetch }, { oauth })
  let held: Session | undefined
  let asking: Promise<Session> | undefined

  const ask = async (): Promise<Session> => {
    const token = await client.oauth.token({
      grant_type: 'client_credentials',
      client_id: applicationId,
      ...(await prove()),
      ...(scope === undefined ? {} : { scope: scope.join(' ') }),
    })
    held = { accessToken: token.access_token, refreshToken: BY_KEY, ...timesOf(token, MARGIN_MS) }
    return held
  }

  const renew = (): Promise<Session> =>
    (asking ??= ask().finally(() => {
      asking = undefined
    }))

  return {
    get: () => held ?? renew(),
    // It is who it is by its key: a sign-in of somebody else leaves it so.
    set: () => undefined,
    remove: () => {
      held = undefined
    },
    // A refresh finds another token here than the one that was to be replaced, and asks for none itself.
    lock: async (work, accessToken) => {
      if (held === undefined || held.accessToken === accessToken) await renew()
      return work()
    },
  }
}
