import type { Vault } from '../../ports/crypto.ts'

/**
 * Under what it is noted that a token was revoked by itself. A token has one spelling, which
 * `isStrictCompactForm` sees to, so that it has one digest.
 */
export const revocationKeyOf = ({ digest }: Pick<Vault, 'digest'>, token: string): string =>
  `token:${digest(token)}`
