import { Failure } from '../../domain/failure.ts'

/** What a request to an OAuth endpoint says of its sender; nothing of it is verified. */
export interface ClientClaim {
  /** The `Authorization` header. */
  readonly authorization: string | undefined
  readonly clientId: string | undefined
}

/** The application that a request comes from. */
export interface OAuthClient {
  /** One without a secret: its name is all that it says (RFC 6749 section 2.1). */
  readonly kind: 'public'
  readonly id: string
}

const refuse = (reason: string): never => {
  throw new Failure('invalid_client', { reason })
}

/** The application that asks, once it has proved what it must. Throws `invalid_client`. */
export const authenticateClient = ({ authorization, clientId }: ClientClaim): OAuthClient => {
  if (authorization !== undefined) return refuse('no_secret_known')
  return clientId === undefined ? refuse('no_client_id') : { kind: 'public', id: clientId }
}
