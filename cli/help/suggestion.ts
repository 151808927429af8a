import { nearest } from '../../policies/text/nearest.ts'

/**
 * What takes something away is suggested only for a slip of one key: nobody who meant something else may run
 * it by repeating the line.
 */
const DESTRUCTIVE = new Set(['delete', 'disable', 'revoke', 'restore'])

const nearestWord = (word: string, known: readonly string[]): string | undefined => {
  if (known.includes(word)) return word
  const near = nearest(word, known)
  if (near === undefined || !DESTRUCTIVE.has(near)) return near
  return nearest(word, [near], { edits: 1 })
}

/**
 * The command that was probably meant by some words, each compared with the words that can stand in its
 * place; a topic, if only that is known. `commands` in words. Undefined if nothing is near.
 */
export const suggestCommand = (
  [first = '', second]: readonly string[],
  commands: readonly string[],
): string | undefined => {
  const words = commands.map((command) => command.split(' '))
  const topic = nearestWord(first, [...new Set(words.map(([word = '']) => word))])
  if (topic === undefined) return undefined
  const verbs = words.flatMap(([word, verb]) => (word === topic && verb !== undefined ? [verb] : []))
  const verb = second === undefined ? undefined : nearestWord(second, verbs)
  return verb === undefined ? topic : `${topic} ${verb}`
}
