import { namesApplication, type Application, type PublicKey } from '../../domain/application.ts'
import { judgeClaims, readAssertion, signersOf, type Assertion } from '../../domain/client-assertion.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { OwnedApplication } from '../../ports/stores/index.ts'
import type { Deps } from '../deps.ts'
import { refuseClient } from './client-claim.ts'

/** So long after its end an assertion is remembered: clocks of daemons differ. */
const MARGIN_MS = 60_000

/** What proving an application by an assertion needs. */
export type AssertionDeps = Pick<Deps, 'store' | 'clock' | 'vault' | 'publicKeys' | 'signer'>

/** Refuses what may be a guess, and counts it. */
type RefuseGuess = (id: string, reason: string, origin: RequestOrigin) => Promise<never>

/** An application that has signed an assertion, by which key, and what makes the assertion one of a kind. */
export interface AssertedClient {
  readonly found: OwnedApplication
  readonly key: PublicKey
  /** Uses the assertion up: throws `invalid_client` if another request, at any daemon, has. */
  readonly spend: () => Promise<void>
}

/**
 * Proves applications by `private_key_jwt` (RFC 7523 section 3): one of its registered keys has signed, by an
 * algorithm of that key, an assertion that is for this server, of this moment, and used for the first time.
 * What the claims lack is told to those alone whose signature is right.
 */
export const createProveByAssertion = (
  { store, clock, vault, publicKeys, signer }: AssertionDeps,
  { tokenEndpoint, refuseGuess }: { tokenEndpoint: () => string; refuseGuess: RefuseGuess },
) => {
  const signerOf = async (
    keys: readonly PublicKey[],
    assertion: Assertion,
  ): Promise<PublicKey | undefined> => {
    for (const key of signersOf(keys, assertion))
      if (await publicKeys.hasSigned(key.jwk, assertion)) return key
    return undefined
  }

  /** The key of the spent is of the application and its `jti`: another application may use the same one. */
  const spend = async (application: Application, jti: string, endsAt: number): Promise<void> => {
    const expiresAt = endsAt + MARGIN_MS
    const key = `assertion:${vault.digest(`${application.id} ${jti}`)}`
    if (!(await store.spent.spend({ key, expiresAt, now: clock.now() })))
      refuseClient('used_assertion', 'This assertion was used before: sign another, with another jti.')
  }

  return async (
    { id, assertion: text }: { id: string | undefined; assertion: string },
    origin: RequestOrigin,
  ): Promise<AssertedClient> => {
    const assertion = readAssertion(text) ?? refuseClient('malformed_assertion')
    const { sub } = assertion.claims
    if (typeof sub !== 'string' || (id !== undefined && id !== sub)) return refuseClient('two_clients')
    const found = namesApplication(sub) ? await store.applications.getOwned(sub) : undefined
    if (found === undefined) return refuseGuess(sub, 'unknown_application', origin)
    const { application } = found
    const key = await signerOf(application.publicKeys, assertion)
    if (key === undefined) return refuseGuess(sub, 'wrong_signature', origin)
    const judged = judgeClaims(assertion.claims, {
      id: application.id,
      audiences: [signer.issuer, tokenEndpoint()],
      now: clock.now(),
    })
    if (judged.fault !== undefined) return refuseClient(`assertion_${judged.fault}`, judged.detail)
    return { found, key, spend: () => spend(application, judged.jti, judged.endsAt) }
  }
}
