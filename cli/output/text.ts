// Control characters, line and paragraph separators, and the marks that reorder text: names come from other
// people.
const UNSAFE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/**
 * The text without anything that could drive a terminal or reorder what it shows; each such character becomes
 * `\u{..}`.
 */
export const makeSafe = (text: string): string =>
  text.replace(UNSAFE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)

/** Edits from one word to the other; swapping two neighbours is one (optimal string alignment). */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)]
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Infinity
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          (row[j - 1] ?? 0) + 1,
          at(i - 1, j - 1) + (isSame ? 0 : 1),
          isSwap ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}

/**
 * The known word that was probably meant, at most so many edits away (default: a third of its letters), or
 * undefined if none is near.
 */
export const findNearest = (
  word: string,
  known: readonly string[],
  edits = Math.max(1, Math.floor(word.length / 3)),
): string | undefined => {
  const scored = known.map((candidate) => ({ candidate, score: distance(word, candidate) }))
  const [best] = scored.sort((a, b) => a.score - b.score)
  return best !== undefined && best.score <= edits ? best.candidate : undefined
}
