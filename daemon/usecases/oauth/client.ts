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
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { OwnedApplication } from '../../ports/stores/index.ts'
import { isActive } from '../../domain/session.ts'
import { lineageIds } from '../../domain/tree.ts'
import type { Deps } from '../deps.ts'
import { RATE_LIMITS, takeLimits } from '../limits.ts'
import { createProveByAssertion, type AssertionDeps } from './client-assertion.ts'
import { credentialsOf, refuseClient, type ClientClaim } from './client-claim.ts'

/** One without a secret: its name is all that it says (RFC 6749 section 2.1). */
export interface PublicClient {
  readonly kind: 'public'
  readonly id: string
}

/** An application that has proved itself by a key, with the account that it acts for. */
export interface ApplicationClient {
  readonly kind: 'application'
  readonly id: ApplicationId
  readonly application: Application
  readonly key: Pick<ServiceKey, 'id' | 'expiresAt'>
  readonly owner: KnownAccount
}

/** The application that a request comes from. */
export type OAuthClient = PublicClient | ApplicationClient

/** What authenticating applications needs. */
export type ClientDeps = AssertionDeps & Pick<Deps, 'settings'>

/** An application that has proved that it has a key: may it ask now, and for whom? */
type Admit = (found: OwnedApplication, key: ApplicationClient['key']) => ApplicationClient

/**
 * Authenticates the applications that ask at the endpoints of OAuth, by `client_secret_basic`,
 * `client_secret_post` (RFC 6749 section 2.3.1) and `private_key_jwt` (RFC 7523); `tokenEndpoint` is the URL
 * that assertions may be for. A right key is never counted, so that no guesses of others keep it out; wrong
 * ones are, for each application and for each address.
 */
export const createAuthenticateClient = (deps: ClientDeps, tokenEndpoint: () => string) => {
  const { store, clock, vault } = deps
  const noting = new Set<string>()

  /** Beside the answer: what is not noted now will be at the next use. */
  const noteUse = ({ id }: Application, key: Pick<ServiceKey, 'id' | 'lastUsedAt'>, now: number): void => {
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
    return refuseClient(reason)
  }

  const admit: Admit = ({ application, lineage }, key) => {
    if (!isLiveKey(key, clock.now())) return refuseClient('ended_key')
    if (application.status !== 'active') return refuseClient('disabled_application')
    const owner = lineage.at(-1)
    const isWhole = lineage.length === lineageIds(application.ownerPath).length
    if (owner === undefined || !isWhole || !isActive(lineage)) return refuseClient('not_active')
    return { kind: 'application', id: application.id, application, key, owner }
  }

  const byKey = async (id: string, secret: string, origin: RequestOrigin): Promise<ApplicationClient> => {
    const mayBe = namesApplication(id) && isServiceKey(secret)
    const found = mayBe ? await store.applications.getOwned(id) : undefined
    if (found === undefined) return refuseGuess(id, 'unknown_application', origin)
    const { application } = found
    const key = application.keys.find(({ digest }) => vault.isServiceKeyMac(digest, application.id, secret))
    if (key === undefined) return refuseGuess(id, 'wrong_key', origin)
    const client = admit(found, key)
    noteUse(application, key, clock.now())
    return client
  }

  const prove = createProveByAssertion(deps, { tokenEndpoint, refuseGuess })

  /** The application that asks, once it has proved what it must. Throws `invalid_client`, `rate_limited`. */
  return async (claim: ClientClaim, origin: RequestOrigin): Promise<OAuthClient> => {
    const shown = credentialsOf(claim)
    if (shown.kind === 'secret') return byKey(shown.id, shown.secret, origin)
    if (shown.kind === 'name')
      return namesApplication(shown.id) ? refuseClient('no_secret') : { kind: 'public', id: shown.id }
    const { found, key, spend } = await prove(shown, origin)
    const client = admit(found, { id: key.id, expiresAt: null })
    await spend()
    noteUse(found.application, key, clock.now())
    return client
  }
}
