import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PolicySet } from '../../policies/set/index.ts'
import { tell } from '../output/print.ts'
import type { SoundFolder } from './sound-set.ts'

/** The end of the list that begins at a place of a valid text: behind its bracket. */
const endOfList = (text: string, at: number): number => {
  for (let end = at, isInString = false; end < text.length; end++) {
    if (isInString && text[end] === '\\') end += 1
    else if (text[end] === '"') isInString = !isInString
    else if (!isInString && text[end] === ']') return end + 1
  }
  return text.length
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((name) => b.includes(name))

/** The end of a YAML list of a line for each item, whose first dash stands at a place. */
const endOfBlock = (text: string, at: number): number => {
  const indent = at - (text.lastIndexOf('\n', at) + 1)
  let end = text.indexOf('\n', at)
  while (end !== -1) {
    const line = /[^\n]*/y
    line.lastIndex = end + 1
    const [next = ''] = line.exec(text) ?? []
    const depth = next.search(/\S/)
    if (depth < indent || (depth === indent && next[depth] !== '-')) break
    end = text.indexOf('\n', end + 1)
  }
  return end === -1 ? text.length : end
}

/** The text with one list replaced: as it was written, or behind its key if it had a line for each item. */
const withList = (text: string, { at, names }: { at: number; names: readonly string[] }): string => {
  const list = `[${names.map((name) => JSON.stringify(name)).join(', ')}]`
  if (text[at] === '[') return text.slice(0, at) + list + text.slice(endOfList(text, at))
  return `${text.slice(0, text.lastIndexOf(':', at) + 1)} ${list}${text.slice(endOfBlock(text, at))}`
}

/** The text with these lists replaced, from the last one on; nothing else of it changes. */
const withLists = (text: string, lists: readonly { at: number; names: readonly string[] }[]): string =>
  lists.toSorted((a, b) => b.at - a.at).reduce(withList, text)

/**
 * Writes who may into the snapshots of the tests of a folder, where it differs, and answers the set as it is
 * then.
 */
export const updateSnapshots = async (
  { root, files, set }: SoundFolder,
  { now }: { readonly now: number },
): Promise<PolicySet> => {
  const { currentSnapshots } = await import('../../policies/testing/index.ts')
  const { validateSet } = await import('../../policies/set/index.ts')
  const current = currentSnapshots(set, { now })
  const changed = new Map<string, string>()
  for (const { file, places, whoCan = [] } of set.tests) {
    const text = files.find(({ path }) => path === file)?.text ?? ''
    const lists = (current.get(file) ?? []).flatMap((names, index) => {
      const [at, present] = [places.snapshots[index], whoCan[index]?.principals ?? []]
      return at === undefined || sameNames(names, present) ? [] : [{ at, names }]
    })
    if (lists.length === 0) continue
    const updated = withLists(text, lists)
    writeFileSync(join(root, file), updated)
    changed.set(file, updated)
    tell(`${join(root, file)}: ${lists.length} of ${whoCan.length} snapshots written`)
  }
  if (changed.size === 0) return set
  return validateSet(files.map((file) => ({ ...file, text: changed.get(file.path) ?? file.text })))
}
