import type { AuthctlClient } from '@authctl/sdk'
import { startProgress } from '../../output/progress.ts'
import { objectKey, objectText, type PolicyObject } from '../../../policies/plan/index.ts'
import { readRevision, type FullRevision } from './objects.ts'

/** How many revisions are asked for at a time: further back than that nothing is in vain. */
const AT_A_TIME = 8

const find = ({ objects }: FullRevision, key: string): PolicyObject | undefined =>
  objects.find((each) => objectKey(each) === key)

const textIn = (revision: FullRevision, key: string): string | undefined => {
  const found = find(revision, key)
  return found && objectText(found)
}

/** A revision; undefined for one that is not kept any more. */
const readKept = async (
  client: AuthctlClient,
  number: number,
  namespace: string | undefined,
): Promise<FullRevision | undefined> => {
  try {
    return await readRevision(client, number, namespace)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'not_found') return undefined
    throw error
  }
}

/**
 * Walks back from a revision, as far as history is kept and until the asker has seen enough; says on a
 * terminal how far it has come.
 */
export async function* revisionsBefore(
  client: AuthctlClient,
  from: FullRevision,
  namespace: string | undefined,
): AsyncGenerator<FullRevision> {
  using progress = startProgress()
  for (let last = from.number - 1; last > 0; last -= AT_A_TIME) {
    const numbers = Array.from({ length: Math.min(AT_A_TIME, last) }, (_, index) => last - index)
    progress.show(`Looking back at revision ${last} of ${from.number} ...`)
    const read = await Promise.all(numbers.map((number) => readKept(client, number, namespace)))
    for (const revision of read) {
      if (revision === undefined) return
      yield revision
    }
  }
}

/** For each of these objects the revision that made it what it is in `head`, as far as history is kept. */
export const changersOf = async (
  client: AuthctlClient,
  { head, keys, namespace }: { head: FullRevision; keys: readonly string[]; namespace: string | undefined },
): Promise<Map<string, FullRevision>> => {
  const found = new Map<string, FullRevision>()
  const sought = new Set(keys)
  let later = head
  for await (const earlier of revisionsBefore(client, head, namespace)) {
    for (const key of sought)
      if (textIn(earlier, key) !== textIn(later, key)) {
        found.set(key, later)
        sought.delete(key)
      }
    later = earlier
    if (sought.size === 0) return found
  }
  for (const key of sought) if (later.number === 1 && find(later, key) !== undefined) found.set(key, later)
  return found
}
