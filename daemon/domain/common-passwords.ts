import { skeletonOf } from './confusables.ts'
import list from './lists/common-passwords.json' with { type: 'json' }
import { asciiDigits } from './phone-text.ts'
import { WORD_DIGEST_BYTES, wordDigest } from './word-digest.ts'

let digests: Buffer | undefined

const isListed = (text: string): boolean => {
  digests ??= Buffer.from(list.digests, 'base64')
  const wanted = wordDigest(text)
  let from = 0
  let to = digests.length / WORD_DIGEST_BYTES
  while (from < to) {
    const middle = (from + to) >> 1
    const found = digests.readUIntBE(middle * WORD_DIGEST_BYTES, WORD_DIGEST_BYTES)
    if (found === wanted) return true
    if (found < wanted) from = middle + 1
    else to = middle
  }
  return false
}

/** Letters that are often written as another character. */
const LOOKS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
}

/** The form in which passwords are listed: without case and variants of width. */
export const foldPassword = (text: string): string => text.normalize('NFKC').toLowerCase()

/** The same with characters that stand for letters read as these. */
export const plainPassword = (text: string): string =>
  foldPassword(text).replace(/[013457@$!]/g, (character) => LOOKS[character] ?? character)

/**
 * What a password looks like: its letters and digits alone, in the letters of the one script that they
 * resemble, without accents.
 */
export const looksOf = (text: string): string => {
  const plain = plainPassword(asciiDigits(text))
  const letters = /^[ -~]*$/.test(plain)
    ? plain.replace(/[^a-z\d]/g, '')
    : skeletonOf(plain)
        .normalize('NFD')
        .replace(/[^\p{L}\p{M}\p{N}]|[\u0300-\u036F]/gu, '')
  // Skeletons write an m so.
  return letters.replaceAll('rn', 'm')
}

/** Nothing longer is listed. */
const MAX_CHARACTERS = 64
const MAX_IN_FRONT = 2
const MAX_BEHIND = 4

const isLetter = (character: string | undefined): boolean =>
  character !== undefined && /\p{L}/u.test(character)

/** A text without the characters, none of them letters, that may have been added to a listed one. */
const withoutAdditions = (text: string): string[] => {
  const texts: string[] = []
  for (let start = 0; start <= MAX_IN_FRONT; start++) {
    if (start > 0 && isLetter(text[start - 1])) break
    for (let cut = 0; cut <= MAX_BEHIND; cut++) {
      if (cut > 0 && isLetter(text.at(-cut))) break
      texts.push(text.slice(start, text.length - cut))
    }
  }
  return texts
}

/**
 * Whether a password is one of the common ones, in any case, with letters written as digits or as others
 * that look alike, with spaces between, or with a few characters that are no letters added in front or
 * behind. Listed are those of the most common million that have 13 characters or more.
 */
export const isCommonPassword = (password: string): boolean => {
  const folded = foldPassword(password)
  if (folded.length > MAX_CHARACTERS) return false
  const texts = withoutAdditions(folded)
  return isListed(looksOf(folded)) || texts.some((text) => isListed(text) || isListed(plainPassword(text)))
}
