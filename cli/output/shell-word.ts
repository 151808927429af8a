/** A word of a command that is told, as a shell takes it: in quotes, unless it has plain letters only. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
