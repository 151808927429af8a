import { Failure } from '../../domain/failure.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'
import { actorFields } from '../audit.ts'
import type { Deps } from '../deps.ts'
import { noGeneratedKeys, type KeyView, type RotationLead, type SigningKeys } from './signing-keys.ts'

/** Who looks after the keys, and from where. */
interface Managing {
  readonly principal: Principal
  readonly origin: RequestOrigin
}

/**
 * The signing keys as super-admins look after them: no policy gives that to anybody else, since who has the
 * keys is everybody. Each throws `forbidden`, and `invalid_request` while tokens are HS256 under JWT_SECRET.
 */
export const createKeyManagement = ({ signingKeys }: Pick<Deps, 'signingKeys'>) => {
  const keysFor = ({ account }: Principal): SigningKeys => {
    if (account.role !== 'super-admin')
      throw new Failure('forbidden', { reason: 'signing keys are for super-admins' })
    if (signingKeys === undefined) throw noGeneratedKeys()
    return signingKeys
  }

  return {
    list: async ({ principal }: Pick<Managing, 'principal'>): Promise<KeyView[]> =>
      await keysFor(principal).list(),
    rotate: async ({ principal, origin, lead }: Managing & { lead: RotationLead }): Promise<KeyView> =>
      await keysFor(principal).rotate(lead, actorFields(principal, origin)),
    revoke: async ({ principal, origin, kid }: Managing & { kid: string }): Promise<KeyView> =>
      await keysFor(principal).revoke(kid, actorFields(principal, origin)),
  }
}
