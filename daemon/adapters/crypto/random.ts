import { randomBytes, randomFillSync, randomInt } from 'node:crypto'
import type { Random } from '../../ports/crypto.ts'

/** In the order of its characters' codes, so that text sorts as the numbers do. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 9
const KEY_CHARACTERS = 26

/** Random bytes are drawn by the page; each is used once and wiped. */
const page = Buffer.alloc(4096)
let used = page.length

const randomText = (characters: number): string => {
  if (used + characters > page.length) {
    randomFillSync(page)
    used = 0
  }
  let text = ''
  for (const end = used + characters; used < end; used++) text += ALPHABET.charAt((page[used] ?? 0) & 31)
  page.fill(0, used - characters, used)
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
