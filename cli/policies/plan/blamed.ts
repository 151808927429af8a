import type { AuthctlClient } from '@authctl/sdk'
import { objectKey, objectText, type PolicyObject } from '../../../policies/plan/index.ts'
import { readRevision, type FullRevision } from './objects.ts'

/** How many revisions are looked through at most, one request each. */
const MAX_READ = 100

const find = ({ objects }: FullRevision, key: string): PolicyObject | undefined =>
  objects.find((each) => objectKey(each) === key)

const textIn = (revision: FullRevision, key: string): string | undefined => {
  const found = find(revision, key)
  return found && objectText(found)
}

/**
 * Walks back from a revision, one request a step; `most` ends it. The server answers `not_found` for what is
 * not kept any more: that is the end too.
 */
export async function* revisionsBefore(
  client: AuthctlClient,
  from: FullRevision,
  namespace: string | undefined,
): AsyncGenerator<FullRevision> {
  let number = from.number - 1
  for (let read = 0; number > 0 && read < MAX_READ; read++, number--) {
    try {
      yield await readRevision(client, number, namespace)
    } catch (error) {
      if ((error as { code?: unknown }).code === 'not_found') return
      throw error
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
