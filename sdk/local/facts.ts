import type { AuthctlClient } from '../client.ts'
import { createRandomId } from '../identity.ts'
import { requireSignedBody, type SaidBy } from '../server/signed.ts'
import { bounded } from '../signals.ts'
import { lineagesOf, type AccountCache } from './accounts.ts'

/** How many accounts one call asks for. */
const MOST_IDS = 200
/** How often facts are loaded again because something was invalidated meanwhile. */
const MOST_LOADS = 5

/** What may be an id; the daemon would refuse others, and with them all that are asked for beside them. */
const ID = /^\w{1,64}$/

const LIMITS = { timeoutMs: 5000, retries: 1 } as const

/** How facts are loaded. */
export interface FactsOptions {
  readonly client: Pick<AuthctlClient, 'snapshots'>
  readonly cache: AccountCache
  readonly saidBy: () => SaidBy
  /** Ends what is being loaded, and all loads to come. */
  readonly signal: AbortSignal
}

/** Loads facts of accounts into a cache: those that are asked for together in one call, each once. */
export const createFactsLoader = ({ client, cache, saidBy, signal }: FactsOptions) => {
  const running = new Map<string, Promise<void>>()
  let gathered: string[] = []
  let gathering: Promise<void> | undefined

  const loadOnce = async (ids: readonly string[]): Promise<string[]> => {
    const load = cache.begin()
    const by = saidBy()
    try {
      const nonce = createRandomId()
      const page = await client.snapshots.accounts({ ids: ids.join(','), nonce }, { ...LIMITS, signal })
      await requireSignedBody(page, 'authctl-accounts+jws', { ...by, nonce })
      return cache.end(load, lineagesOf(ids, page.accounts))
    } finally {
      cache.end(load, [])
    }
  }

  const loadPart = async (ids: readonly string[]): Promise<void> => {
    let left = ids
    for (let loads = 0; left.length > 0 && loads < MOST_LOADS; loads++) left = await loadOnce(left)
  }

  /** Takes all that were asked for until now, and loads them. */
  const loadGathered = async (): Promise<void> => {
    await Promise.resolve()
    const ids = gathered
    gathered = []
    gathering = undefined
    const parts = Array.from({ length: Math.ceil(ids.length / MOST_IDS) }, (_part, n) =>
      loadPart(ids.slice(n * MOST_IDS, (n + 1) * MOST_IDS)),
    )
    await Promise.all(parts)
  }

  const loadOf = (id: string): Promise<void> => {
    const known = running.get(id)
    if (known !== undefined) return known
    gathered.push(id)
    gathering ??= loadGathered()
    const load = gathering.finally(() => running.delete(id))
    running.set(id, load)
    return load
  }

  /**
   * Loads those that are not at hand. One that is not there, or that the application may not load, stays
   * away. Rejects with what the calls reject with, and with
   * `AbortError` from the signal on.
   */
  return async (...ids: readonly string[]): Promise<void> => {
    const missing = ids.filter((id) => ID.test(id) && cache.get(id) === undefined)
    await bounded({ signals: [signal] }, () => Promise.all(missing.map(loadOf)))
  }
}
