import { APPLICATION_ROLE } from '../../domain/access-token.ts'
import { Failure } from '../../domain/failure.ts'
import { fullName, namespaceOf } from '../../domain/policy-snapshot.ts'
import { originFields } from '../audit.ts'
import type { ApplicationClient } from './client.ts'
import type { Grant } from './grants.ts'

/**
 * What the token is narrowed to: names of policies of the application, as it or its owner writes them. Throws
 * `invalid_scope` for any other.
 */
const scopeOf = ({ application, owner }: ApplicationClient, asked: string): string => {
  const names = asked.split(' ').map((name) => fullName(name, namespaceOf(owner)))
  const unknown = names.find((name) => application.policies?.includes(name) !== true)
  if (unknown !== undefined)
    throw new Failure('invalid_scope', {
      detail: 'scope names policies of the application, with one space between them.',
    })
  return [...new Set(names)].join(' ')
}

/**
 * A token for the application itself (RFC 6749 section 4.4, RFC 9068). It names the key by which it was asked
 * for, and ends with it at the latest. There is no refresh token (section 4.4.3).
 */
export const clientCredentials: Grant = (deps, { client, parameters, origin }) => {
  if (client.kind !== 'application')
    throw new Failure('unauthorized_client', {
      detail: 'This grant is for applications that authenticate by a service key.',
    })
  const { signer, clock, settings, audit } = deps
  const { application, key, owner } = client
  const scope = parameters.scope === undefined ? undefined : scopeOf(client, parameters.scope)
  const issuedAt = Math.floor(clock.now() / 1000)
  const keyEnds = key.expiresAt === null ? Number.POSITIVE_INFINITY : Math.ceil(key.expiresAt / 1000)
  const expiresAt = Math.min(issuedAt + settings.accessTokenSeconds, Math.max(keyEnds, issuedAt + 1))
  const accessToken = signer.sign({
    sub: application.id,
    role: APPLICATION_ROLE,
    ownerId: owner.id,
    keyId: key.id,
    scope,
    issuedAt,
    expiresAt,
  })
  audit.record({
    event: 'application-token',
    outcome: 'success',
    actorId: owner.id,
    applicationId: application.id,
    ...originFields(origin),
  })
  return Promise.resolve({ accessToken, expiresInSeconds: expiresAt - issuedAt, scope })
}
