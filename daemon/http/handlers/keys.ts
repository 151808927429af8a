import type { Routes } from '../../contract/routes.ts'
import { JWKS_MAX_AGE_SECONDS } from '../../domain/signing-key.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createKeyManagement } from '../../usecases/keys/manage.ts'
import type { Handlers } from '../reply.ts'
import { toSigningKey } from '../views.ts'

/** The handlers of the keys that sign tokens. */
export const createKeyHandlers = (deps: Pick<Deps, 'signer' | 'signingKeys'>) => {
  const keys = createKeyManagement(deps)

  return {
    'keys.jwks': () =>
      Promise.resolve({
        status: 200,
        body: deps.signer.jwks(),
        headers: { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` },
      }),

    'keys.list': async ({ caller }) => ({
      status: 200,
      body: { items: (await keys.list({ principal: caller })).map(toSigningKey) },
    }),

    'keys.rotate': async ({ caller, body, origin }) => {
      const lead = body.now === true ? 'soon' : 'published'
      return { status: 200, body: toSigningKey(await keys.rotate({ principal: caller, origin, lead })) }
    },

    'keys.revoke': async ({ caller, params, origin }) => ({
      status: 200,
      body: toSigningKey(await keys.revoke({ principal: caller, origin, kid: params.kid })),
    }),
  } satisfies Partial<Handlers<Routes>>
}
