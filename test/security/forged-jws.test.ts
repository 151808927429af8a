import { describe, expect, test } from 'vitest'
import { curves, integers, paddings, salts } from './jws-blocks.ts'
import {
  ALGORITHMS,
  algorithms,
  confusions,
  type JwsCase,
  payloads,
  shapes,
  spellings,
  uses,
} from './jws-corpus.ts'
import { verifies } from './jws-verdict.ts'

const PSS = ['PS256', 'PS384', 'PS512'] as const
const RSA = ['RS256', 'RS384', 'RS512', ...PSS] as const

/** Kind, the fewest cases that show something, and the cases. */
const KINDS: readonly [string, number, () => JwsCase[]][] = [
  ['parts that are changed, left out or too many', 160, () => ALGORITHMS.flatMap(shapes)],
  ['payloads and headers of any bytes', 27, () => ALGORITHMS.flatMap(payloads)],
  ['another algorithm than that of the key', 230, () => ALGORITHMS.flatMap(algorithms)],
  ['a public key as a secret, and a key in the token', 5, confusions],
  ['a key for encryption', 4, uses],
  ['lax spellings of base64url', 460, () => ALGORITHMS.flatMap(spellings)],
  ['ECDSA signatures at the edges', 45, curves],
  ['RSA signatures at the edges', 48, () => RSA.flatMap(integers)],
  ['PKCS #1 blocks that are not exact', 170, paddings],
  ['PSS blocks and salts that are changed', 780, () => PSS.flatMap(salts)],
]

describe('C10: a corpus of JWS that is made here', () => {
  test.each(KINDS)('%s', async (_name, least, make) => {
    const cases = make()
    expect(cases.length).toBeGreaterThanOrEqual(least)
    const wrong: string[] = []
    for (const { what, jws, key, isValid } of cases)
      if ((await verifies(jws, key)) !== isValid) wrong.push(`${key.alg ?? 'no alg'}: ${what}`)
    expect(wrong).toEqual([])
  })
})
