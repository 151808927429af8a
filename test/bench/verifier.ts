import { generateKeyPairSync, sign, randomUUID } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { createVerifier } from '../../sdk/server/index.ts'
import { median } from './median.ts'

/**
 * The verifier of the SDK beside jose, with the same key and tokens: new tokens, and tokens that were seen
 * before. Prints verifications a second, medians of rounds in turn.
 */
const ISSUER = 'https://auth.bench.test'
const ROUNDS = 5
const NEW_TOKENS = 2000
const SEEN_TOKENS = 200
const SEEN_TIMES = 100

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const kid = 'k'.repeat(43)
const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }]
const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
const header = encode({ alg: 'EdDSA', typ: 'at+jwt', kid })

const makeToken = (): string => {
  const [id, iat] = [`usr_${randomUUID()}`, Math.floor(Date.now() / 1000)]
  const claims = {
    client_id: 'bench',
    sid: randomUUID(),
    role: 'user',
    id,
    iss: ISSUER,
    sub: id,
    aud: 'authctl',
  }
  const signed = `${header}.${encode({ ...claims, iat, exp: iat + 900, jti: randomUUID() })}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

const jwks = createLocalJWKSet({ keys })
const options = { issuer: ISSUER, audience: 'authctl', typ: 'at+jwt', algorithms: ['EdDSA'] }
const verifier = createVerifier({ issuer: ISSUER, keys })

const rateOf = async (
  verify: (token: string) => Promise<unknown>,
  tokens: readonly string[],
): Promise<number> => {
  const start = performance.now()
  // A copy of the bytes, as each request brings its own.
  for (const token of tokens) await verify(Buffer.from(token).toString('latin1'))
  return (tokens.length * 1000) / (performance.now() - start)
}

const byJose = (token: string): Promise<unknown> => jwtVerify(token, jwks, options)
const rates = { jose: [] as number[], new: [] as number[], seen: [] as number[] }
for (let round = 0; round < ROUNDS; round++) {
  const fresh = Array.from({ length: NEW_TOKENS }, makeToken)
  rates.jose.push(await rateOf(byJose, fresh))
  rates.new.push(await rateOf(verifier.verify, fresh))
  const seen = fresh.slice(0, SEEN_TOKENS)
  rates.seen.push(await rateOf(verifier.verify, Array.from({ length: SEEN_TIMES }, () => seen).flat()))
}
const against = (name: 'new' | 'seen'): string =>
  median(rates[name].map((rate, round) => rate / (rates.jose[round] ?? NaN))).toFixed(1)
console.table([
  { verifier: 'jose', 'verifications/s': Math.round(median(rates.jose)), '× jose': '1.0', aim: '' },
  {
    verifier: 'a new token',
    'verifications/s': Math.round(median(rates.new)),
    '× jose': against('new'),
    aim: '',
  },
  {
    verifier: 'a token seen before',
    'verifications/s': Math.round(median(rates.seen)),
    '× jose': against('seen'),
    aim: '>= 20',
  },
])
