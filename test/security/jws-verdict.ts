import { compactVerify, importJWK, type JWK } from 'jose'
import { isStrictCompactForm } from '../../daemon/domain/access-token.ts'

/**
 * Verifies as the daemon does: the strict form first, then the signature under the one algorithm of the key.
 */
export const verifies = async (jws: string, jwk: JWK): Promise<boolean> => {
  if (jwk.alg === undefined || !isStrictCompactForm(jws)) return false
  try {
    await compactVerify(jws, await importJWK(jwk, jwk.alg), { algorithms: [jwk.alg] })
    return true
  } catch {
    return false
  }
}
