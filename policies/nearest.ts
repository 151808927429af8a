/** How many letters must be inserted, deleted, replaced or swapped to get from one word to the other; at most `limit + 1`. */
const distance = (from: string, to: string, limit: number): number => {
  if (Math.abs(from.length - to.length) > limit) return limit + 1
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_value, i) => i)]
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const replaced = (last[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1)
      row[j] = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, replaced)
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1])
        row[j] = Math.min(row[j] as number, (beforeLast[j - 2] as number) + 1)
    }
    ;[beforeLast, last] = [last, row]
  }
  return last[to.length] as number
}

const MAX_LENGTH = 128

/** The name that was probably meant; undefined if none is near. Case counts least. */
export const nearest = (word: string, names: Iterable<string>): string | undefined => {
  if (word.length > MAX_LENGTH) return undefined
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 3)))
  let best: { name: string; away: number } | undefined
  for (const name of names) {
    const away = distance(word.toLowerCase(), name.toLowerCase(), limit)
    if (away <= limit && (best === undefined || away < best.away)) best = { name, away }
  }
  return best?.name
}
