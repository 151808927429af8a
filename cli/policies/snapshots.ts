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

/** The text with the lists at these places replaced; nothing else of it changes. */
const withLists = (text: string, lists: readonly { at: number; names: readonly string[] }[]): string =>
  lists
    .toSorted((a, b) => b.at - a.at)
    .reduce((changed, { at, names }) => {
      const list = `[${names.map((name) => JSON.stringify(name)).join(', ')}]`
      return changed.slice(0, at) + list + changed.slice(endOfList(changed, at))
    }, text)

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
  return validateSet(files.map(({ path, text }) => ({ path, text: changed.get(path) ?? text })))
}
