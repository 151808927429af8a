import { randomBytes, randomInt } from 'node:crypto'
import type { Random } from '../../ports/crypto.ts'

/** In the order of its characters' codes, so that text sorts as the numbers do. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 9
const KEY_CHARACTERS = 26

const randomText = (characters: number): string => {
  let text = ''
  for (const byte of randomBytes(characters)) text += ALPHABET.charAt(byte & 31)
  return text
}

const timeText = (milliseconds: number): string => {
  let rest = milliseconds
  let text = ''
  for (let digit = 0; digit < TIME_CHARACTERS; digit++) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** The system's CSPRNG. */
export const createRandom = (): Random => ({
  secret: () => randomBytes(32),
  id: () => randomText(KEY_CHARACTERS),
  rowKey: (now) => timeText(now) + randomText(KEY_CHARACTERS - TIME_CHARACTERS),
  code: (digits) => String(randomInt(10 ** digits)).padStart(digits, '0'),
})
