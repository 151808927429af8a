import { MAX_PUBLIC_KEYS, type PublicKey, type ServiceKeyId } from '../../domain/application.ts'
import { Failure } from '../../domain/failure.ts'
import { readPublicJwk } from '../../domain/public-key.ts'
import type { Deps } from '../deps.ts'

/** Keys as callers send them (RFC 7517 section 5). */
export interface SentKeys {
  readonly keys: readonly Readonly<Record<string, unknown>>[]
}

const refuse = (n: number, member: string, code: string, detail: string): never => {
  const pointer = member === '' ? `/jwks/keys/${n}` : `/jwks/keys/${n}/${member}`
  throw new Failure('invalid_request', { errors: [{ pointer, code, detail }] })
}

/**
 * The public keys of an application as they were sent, each checked; one that is `present` keeps when
 * it was used. Throws `limit_reached` for more than two, and `invalid_request` that names the key and its
 * member.
 */
export const publicKeysOf = (
  { vault, publicKeys }: Pick<Deps, 'vault' | 'publicKeys'>,
  { keys }: SentKeys,
  present: readonly PublicKey[] = [],
): PublicKey[] => {
  if (keys.length > MAX_PUBLIC_KEYS)
    throw new Failure('limit_reached', {
      detail: `An application has ${MAX_PUBLIC_KEYS} public keys at most: let the older go first.`,
    })
  const read = keys.map((sent, n): PublicKey => {
    const found = readPublicJwk(sent)
    if ('code' in found) return refuse(n, found.member, found.code, found.detail)
    const { canonical, kid, parts } = found
    if (!publicKeys.isKey(parts))
      return refuse(n, '', 'key_value', 'Its numbers are no such key; an RSA key has 2048 to 4096 bits.')
    const id = vault.digest(canonical) as ServiceKeyId
    const lastUsedAt = present.find((each) => each.id === id)?.lastUsedAt ?? null
    return { id, jwk: { ...parts, kid: kid ?? id, use: 'sig' }, lastUsedAt }
  })
  read.forEach(({ id, jwk }, n) => {
    const before = read.slice(0, n)
    if (before.some((each) => each.id === id)) refuse(n, '', 'duplicate_key', 'This key is there twice.')
    if (before.some((each) => each.jwk.kid === jwk.kid))
      refuse(n, 'kid', 'duplicate_key', 'Two keys have this name.')
  })
  return read
}
