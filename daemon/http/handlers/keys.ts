import type { Routes } from '../../contract/routes.ts'
import { JWKS_MAX_AGE_SECONDS } from '../../domain/signing-key.ts'
import type { Deps } from '../../usecases/deps.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of the public keys. */
export const createKeyHandlers = ({ signer }: Pick<Deps, 'signer'>) =>
  ({
    'keys.jwks': () =>
      Promise.resolve({
        status: 200,
        body: signer.jwks(),
        headers: { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` },
      }),
  }) satisfies Partial<Handlers<Routes>>
