import { readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import { describe, expect, test } from 'vitest'
import { verifies } from './jws-verdict.ts'

/** `testvectors_v1/json_web_signature_test.json` of C2SP/wycheproof. A file that is named must be there. */
const FILE = process.env['WYCHEPROOF_JWS']

interface Vectors {
  testGroups: {
    public?: JWK
    private?: JWK
    tests: { tcId: number; jws: string; result: 'valid' | 'invalid' | 'acceptable' }[]
  }[]
}

/**
 * Documented differences: duplicates of a valid case, other algorithms, and empty payloads, which are no
 * JWTs.
 */
const DUPLICATES = new Set([367, 370])
const OTHER_ALGORITHMS = new Set([346, 347, 350, 351])
const EMPTY_PAYLOAD = new Set([259, 264, 268, 272, 320, 325])
/** Marked valid by a lax reading, which skips a character outside the alphabet. The daemon refuses them. */
const VALID_IF_LAX = new Set([372, 373])
const EXCUSED = new Set([...DUPLICATES, ...OTHER_ALGORITHMS, ...EMPTY_PAYLOAD])

describe('C10: Wycheproof JWS vectors', () => {
  if (FILE === undefined) {
    test('needs the vectors', (context) =>
      context.skip('WYCHEPROOF_JWS names no file with the vectors; forged-jws.test.ts covers the same kinds'))
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
        const expected = result === 'valid' && !VALID_IF_LAX.has(tcId)
        if ((await verifies(jws, jwk)) !== expected) differences.push(tcId)
      }
    }
    expect(checked).toBeGreaterThan(380)
    expect(differences).toEqual([])
  })
})
