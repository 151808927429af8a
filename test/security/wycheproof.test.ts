import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { compactVerify, importJWK, type JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { isStrictCompactForm } from '../../daemon/domain/access-token.ts'

const FILE = fileURLToPath(new URL('../../../shared/vectors/wycheproof-jws.json', import.meta.url))
const present = existsSync(FILE)

interface Vectors {
  testGroups: {
    public?: JWK
    private?: JWK
    tests: { tcId: number; jws: string; result: 'valid' | 'invalid' | 'acceptable' }[]
  }[]
}

/** Documented differences (vectors/README.md): duplicates of a valid case, other algorithms, and empty payloads, which are no JWTs. */
const DUPLICATES = new Set([367, 370])
const OTHER_ALGORITHMS = new Set([346, 347, 350, 351])
const EMPTY_PAYLOAD = new Set([259, 264, 268, 272, 320, 325])
/** Marked valid by a lax reading (a character outside the alphabet is skipped); refused here (vectors/README.md). */
const REFUSED_ALL_THE_SAME = new Set([372, 373])
const EXCUSED = new Set([...DUPLICATES, ...OTHER_ALGORITHMS, ...EMPTY_PAYLOAD])

/** Verifies as the daemon does: the strict form first, then the signature under the one algorithm of the key. */
const verifies = async (jws: string, jwk: JWK): Promise<boolean> => {
  if (jwk.alg === undefined || !isStrictCompactForm(jws)) return false
  try {
    await compactVerify(jws, await importJWK(jwk, jwk.alg), { algorithms: [jwk.alg] })
    return true
  } catch {
    return false
  }
}

describe('C10: Wycheproof JWS vectors', () => {
  if (!present && process.env['CI'] === undefined) {
    test('needs the vectors', (context) =>
      context.skip('../shared/vectors/wycheproof-jws.json is not beside this clone'))
    return
  }

  test('every verdict agrees but for the documented differences', async () => {
    const { testGroups } = JSON.parse(readFileSync(FILE, 'utf8')) as Vectors
    const differences: number[] = []
    let checked = 0
    for (const { public: publicJwk, private: privateJwk, tests } of testGroups) {
      const jwk = publicJwk ?? privateJwk
      if (jwk === undefined) throw new Error('a group without a key')
      for (const { tcId, jws, result } of tests) {
        if (EXCUSED.has(tcId)) continue
        checked++
        const expected = result === 'valid' && !REFUSED_ALL_THE_SAME.has(tcId)
        if ((await verifies(jws, jwk)) !== expected) differences.push(tcId)
      }
    }
    expect(checked).toBeGreaterThan(380)
    expect(differences).toEqual([])
  })
})
