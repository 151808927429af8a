import { randomFillSync, randomInt } from 'node:crypto'
import type { Random } from '../../ports/crypto.ts'

/** In the order of its characters' codes, so that text sorts as the numbers do. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'
const TIME_CHARACTERS = 9
const KEY_CHARACTERS = 26

/** Random bytes are drawn by the page; each is used once and wiped. */
const page = Buffer.alloc(4096)
let used = page.length

/** Gives what is next of the page to a reader, who keeps nothing of it but what it answers. */
const drawing = <T>(count: number, read: (bytes: Buffer) => T): T => {
  if (used + count > page.length) {
    randomFillSync(page)
    used = 0
  }
  const bytes = page.subarray(used, used + count)
  used += count
  try {
    return read(bytes)
  } finally {
    bytes.fill(0)
  }
}

/** Random bytes of the system's CSPRNG; a seventh of what asking it for so few takes. At most 4096. */
export const drawBytes = (count: number): Buffer => drawing(count, (bytes) => Buffer.from(bytes))

const randomText = (characters: number): string =>
  drawing(characters, (bytes) => {
    let text = ''
    for (const byte of bytes) text += ALPHABET.charAt(byte & 31)
    return text
  })

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
  secret: () => drawBytes(32),
  id: () => randomText(KEY_CHARACTERS),
  rowKey: (now) => timeText(now) + randomText(KEY_CHARACTERS - TIME_CHARACTERS),
  code: (digits) => String(randomInt(10 ** digits)).padStart(digits, '0'),
})
