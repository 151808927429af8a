import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../ports/crypto.ts'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/** The system's CSPRNG. */
export const createRandom = (): Random => ({
  secret: () => randomBytes(32),
  id: () => Array.from(randomBytes(26), (byte) => ALPHABET.charAt(byte & 31)).join(''),
  code: (digits) => String(randomInt(10 ** digits)).padStart(digits, '0'),
})
