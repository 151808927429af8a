// Control characters, line and paragraph separators, and the marks that reorder text: names come from other
// people.
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * The text without anything that could drive a terminal or reorder what it shows; each such character becomes
 * `\u{..}`.
 */
export const makeSafe = (text: string): string =>
  text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
