/**
 * What the suggestions of one file may cost, in cells of the table below and names looked at: some ten
 * milliseconds. A file of nothing but unknown names, against thousands of known ones, would else take
 * minutes, and a reader of its report needs no more than the first.
 */
const STEPS_PER_FILE = 2_000_000

/**
 * The steps that suggestions may still take: one budget for each file or request, which {@link nearest} draws
 * on.
 */
export interface SuggestionBudget {
  left: number
}

/** The budget of one file, or of one request. */
export const createSuggestionBudget = (): SuggestionBudget => ({ left: STEPS_PER_FILE })

/**
 * How many letters must be inserted, deleted, replaced or swapped to get from one word to the other; more
 * than `limit` if they are farther apart. Only the cells that a distance within the limit can pass are looked
 * at, row by row while there is one.
 */
const distance = (
  from: string,
  to: string,
  { limit, budget }: { limit: number; budget: SuggestionBudget },
): number => {
  const far = limit + 1
  if (Math.abs(from.length - to.length) > limit) return far
  let [beforeLast, last, row]: [number[], number[], number[]] = [
    [],
    Array.from({ length: to.length + 1 }, (_value, i) => i),
    [],
  ]
  for (let i = 1; i <= from.length; i++) {
    const [first, end] = [Math.max(1, i - limit), Math.min(to.length, i + limit)]
    row[first - 1] = first === 1 ? i : far
    let least = row[first - 1] as number
    for (let j = first; j <= end; j++) {
      const replaced = (last[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      let cell = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, replaced)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        cell = Math.min(cell, (beforeLast[j - 2] as number) + 1)
      row[j] = cell
      least = Math.min(least, cell)
    }
    row[end + 1] = far
    budget.left -= end - first + 1
    if (least > limit) return far
    ;[beforeLast, last, row] = [last, row, beforeLast]
  }
  return last[to.length] as number
}

const MAX_LENGTH = 128

/**
 * The name that a word was probably meant to be: the first of the nearest, at most `edits` letters away, by
 * default a third of the word and three at most. Case does not count. Undefined if none is near, if the word
 * has more than 128 characters, or if the budget is used up.
 */
export const nearest = (
  word: string,
  names: Iterable<string>,
  {
    budget = createSuggestionBudget(),
    edits = Math.min(3, Math.max(1, Math.floor(word.length / 3))),
  }: { budget?: SuggestionBudget; edits?: number } = {},
): string | undefined => {
  if (word.length > MAX_LENGTH || budget.left <= 0) return undefined
  const folded = word.toLowerCase()
  let limit = edits
  let best: string | undefined
  for (const name of names) {
    if (--budget.left <= 0) return undefined
    if (Math.abs(name.length - word.length) > limit) continue
    const away = distance(folded, name.toLowerCase(), { limit, budget })
    if (away > limit) continue
    if (away === 0) return name
    best = name
    limit = away - 1
  }
  return best
}
