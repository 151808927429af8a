import type { KnownAccount } from '../../domain/account.ts'
import {
  isLiveKey,
  isServiceKey,
  isUseNoted,
  KEY_USE_MS,
  namesApplication,
  type Application,
  type ApplicationId,
  type ServiceKey,
} from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import { isActive } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'

/** What a request to an OAuth endpoint says of its sender; nothing of it is verified. */
export interface ClientClaim {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
}

/** One without a secret: its name is all that it says (RFC 6749 section 2.1). */
export interface PublicClient {
  readonly kind: 'public'
  readonly id: string
}

/** An application that has proved itself by a service key, with the account that it acts for. */
export interface ApplicationClient {
  readonly kind: 'application'
  readonly id: ApplicationId
  readonly application: Application
  readonly key: ServiceKey
  readonly owner: KnownAccount
}

/** The application that a request comes from. */
export type OAuthClient = PublicClient | ApplicationClient

/** What authenticating applications needs. */
export type ClientDeps = Pick<Deps, 'store' | 'clock' | 'vault' | 'settings'>

const refuse = (reason: string): never => {
  throw new Failure('invalid_client', { reason })
}

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i

/** Name and secret are encoded as in a form before they are joined (RFC 6749 section 2.3.1). */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return refuse('malformed_basic')
  }
}

const fromBasic = (authorization: string): { id: string; secret: string } => {
  const [, encoded = ''] = BASIC.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return refuse('malformed_basic')
  return { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) }
}

/** Name and secret, from the one place where they are. Throws `invalid_client`, `invalid_request`. */
const credentialsOf = ({ authorization, clientId, clientSecret }: ClientClaim) => {
  if (authorization === undefined) {
    if (clientId === undefined) return refuse('no_client_id')
    return { id: clientId, secret: clientSecret }
  }
  if (clientSecret !== undefined)
    throw new Failure('invalid_request', {
      detail: 'The application authenticates in one way: by the header, or by client_secret.',
    })
  const named = fromBasic(authorization)
  return clientId === undefined || clientId === named.id ? named : refuse('two_clients')
}

/**
 * Authenticates the applications that ask at the endpoints of OAuth, by `client_secret_basic` and
 * `client_secret_post` (RFC 6749 section 2.3.1). A right key is never counted, so that no guesses of others
 * keep it out; wrong ones are, for each application and for each address.
 */
export const createAuthenticateClient = (deps: ClientDeps) => {
  const { store, clock, vault } = deps
  const noting = new Set<string>()

  /** Beside the answer: what is not noted now will be at the next use. */
  const noteUse = ({ id }: Application, key: ServiceKey, now: number): void => {
    if (!isUseNoted(key, now) || noting.has(key.id)) return
    noting.add(key.id)
    void store.applications
      .noteUse({ id, keyId: key.id, now, before: now - KEY_USE_MS })
      .catch(() => undefined)
      .finally(() => noting.delete(key.id))
  }

  /** Throws `invalid_client`, or `rate_limited` after too many. */
  const refuseGuess = async (id: string, reason: string, origin: RequestOrigin): Promise<never> => {
    const name = vault.sentMac('limit', id)
    // The address first: one that has used up its guesses fills no store with names that it makes up.
    const limits = [
      RATE_LIMITS.clientGuessFrom(origin.ip),
      RATE_LIMITS.clientGuess(name, origin.ip),
      RATE_LIMITS.clientGuessOf(name),
    ]
    await takeLimits(deps, limits, origin)
    return refuse(reason)
  }

  const byKey = async (id: string, secret: string, origin: RequestOrigin): Promise<ApplicationClient> => {
    const now = clock.now()
    const found = namesApplication(id) && isServiceKey(secret) ? await store.applications.get(id) : undefined
    if (found === undefined) return refuseGuess(id, 'unknown_application', origin)
    const key = found.keys.find(({ digest }) => vault.isServiceKeyMac(digest, found.id, secret))
    if (key === undefined) return refuseGuess(id, 'wrong_key', origin)
    if (!isLiveKey(key, now)) return refuse('ended_key')
    if (found.status !== 'active') return refuse('disabled_application')
    const lineage = await store.accounts.getLineageOf(found.ownerId)
    const owner = lineage.at(-1)
    const isWhole = lineage.length === lineageIds(found.ownerPath).length
    if (owner === undefined || !isWhole || !isActive(lineage)) return refuse('not_active')
    noteUse(found, key, now)
    return { kind: 'application', id: found.id, application: found, key, owner }
  }

  /** The application that asks, once it has proved what it must. Throws `invalid_client`, `rate_limited`. */
  return async (claim: ClientClaim, origin: RequestOrigin): Promise<OAuthClient> => {
    const { id, secret } = credentialsOf(claim)
    if (secret !== undefined) return byKey(id, secret, origin)
    return namesApplication(id) ? refuse('no_secret') : { kind: 'public', id }
  }
}
