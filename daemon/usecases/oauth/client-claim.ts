import { Failure } from '../../domain/failure.ts'
import { requireParameter } from './parameters.ts'

/** What a request to an OAuth endpoint says of its sender; nothing of it is verified. */
export interface ClientClaim {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  readonly clientId: string | undefined
  readonly clientSecret: string | undefined
  readonly assertionType: string | undefined
  readonly assertion: string | undefined
}

/** What a client shows to prove itself, in the one way that it has chosen. */
export type Credentials =
  | { readonly kind: 'secret'; readonly id: string; readonly secret: string }
  | { readonly kind: 'assertion'; readonly id: string | undefined; readonly assertion: string }
  | { readonly kind: 'name'; readonly id: string }

/** The one type of assertions (RFC 7523 section 2.2). */
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Throws `invalid_client`; `detail` is for those who have proved that they may know. */
export const refuseClient = (reason: string, detail?: string): never => {
  throw new Failure('invalid_client', { reason, ...(detail === undefined ? {} : { detail }) })
}

const BASIC = /^basic ([A-Za-z0-9+/]+={0,2})$/i

/** Name and secret are encoded as in a form before they are joined (RFC 6749 section 2.3.1). */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return refuseClient('malformed_basic')
  }
}

const fromBasic = (authorization: string): { id: string; secret: string } => {
  const [, encoded = ''] = BASIC.exec(authorization) ?? []
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  if (colon === -1) return refuseClient('malformed_basic')
  return { id: decoded(text.slice(0, colon)), secret: decoded(text.slice(colon + 1)) }
}

/**
 * Refuses a request that shows more than one proof of its sender (RFC 6749 section 2.3), whether or not one
 * of them is right. Throws `invalid_request`.
 */
export const requireOneProof = ({
  authorization,
  clientSecret,
  assertion,
  assertionType,
}: ClientClaim): void => {
  const proofs = [authorization, clientSecret, assertion ?? assertionType].filter(
    (each) => each !== undefined,
  )
  if (proofs.length > 1)
    throw new Failure('invalid_request', {
      detail:
        'The application authenticates in one way: by the header, by client_secret, or by client_assertion.',
    })
}

const assertionOf = (claim: ClientClaim): Credentials => {
  const parameters = { client_assertion: claim.assertion, client_assertion_type: claim.assertionType }
  const assertion = requireParameter(parameters, 'client_assertion')
  if (requireParameter(parameters, 'client_assertion_type') !== ASSERTION_TYPE)
    throw new Failure('invalid_request', { detail: `client_assertion_type is ${ASSERTION_TYPE}.` })
  return { kind: 'assertion', id: claim.clientId, assertion }
}

/** What the client shows, from the one place where it is. Throws `invalid_client`, `invalid_request`. */
export const credentialsOf = (claim: ClientClaim): Credentials => {
  requireOneProof(claim)
  const { authorization, clientId, clientSecret, assertion, assertionType } = claim
  if (assertion !== undefined || assertionType !== undefined) return assertionOf(claim)
  if (authorization === undefined) {
    if (clientId === undefined) return refuseClient('no_client_id')
    return clientSecret === undefined
      ? { kind: 'name', id: clientId }
      : { kind: 'secret', id: clientId, secret: clientSecret }
  }
  const named = fromBasic(authorization)
  if (clientId !== undefined && clientId !== named.id) return refuseClient('two_clients')
  return { kind: 'secret', ...named }
}
