import type { Vault } from '../../ports/crypto.ts'

const PREFIX = 'token:'

/**
 * Under what it is noted that a token was revoked by itself. A token has one spelling, which
 * `isStrictCompactForm` sees to, so that it has one digest.
 */
export const revocationKeyOf = ({ digest }: Pick<Vault, 'digest'>, token: string): string =>
  `${PREFIX}${digest(token)}`

/** The digest of the token that was revoked under a key; undefined where something else was used up. */
export const revokedTokenOf = (key: string): string | undefined =>
  key.startsWith(PREFIX) ? key.slice(PREFIX.length) : undefined
