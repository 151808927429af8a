import stringWidth from 'string-width'

const segmenter = new Intl.Segmenter()

/** The number of terminal cells that a string takes. */
export const widthOf = (text: string): number => stringWidth(text)

/** A word in pieces of at most so many cells; a character is never split. */
const pieces = (word: string, cells: number): string[] => {
  const found: string[] = ['']
  let used = 0
  for (const { segment } of segmenter.segment(word)) {
    const next = widthOf(segment)
    if (used > 0 && used + next > cells) {
      found.push('')
      used = 0
    }
    found[found.length - 1] += segment
    used += next
  }
  return found
}

/**
 * The text in lines of at most so many cells, broken at blanks; a word that is longer than a line is broken
 * anywhere.
 */
export const wrap = (text: string, cells: number): string[] => {
  const [first = '', ...rest] = text.split(' ').flatMap((word) => pieces(word, cells))
  const lines = [first]
  for (const word of rest) {
    const longer = `${lines.at(-1)} ${word}`
    if (widthOf(longer) <= cells) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

/** The text followed by blanks up to a number of cells. */
export const pad = (text: string, cells: number): string =>
  text + ' '.repeat(Math.max(0, cells - widthOf(text)))
