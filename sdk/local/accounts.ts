import type { AccountFacts } from '../types.gen.ts'
import type { Lineage } from './state.ts'

interface Entry {
  readonly lineage: Lineage
  /** Asked for since the last look for room. */
  isUsed: boolean
}

/** One load of facts: what is invalidated while it runs must not come back by it. */
export interface FactsLoad {
  /** Ids that were invalidated since it began. */
  readonly touched: Set<string>
  isReset: boolean
}

/**
 * The accounts at hand, each with those above it below the owner of the application: so many, those that were
 * asked for last. An account is forgotten with any of its lineage.
 */
export class AccountCache {
  readonly #max: number
  readonly #entries = new Map<string, Entry>()
  /** For each id the accounts in whose lineage it is. */
  readonly #within = new Map<string, Set<string>>()
  readonly #loads = new Set<FactsLoad>()

  constructor(max: number) {
    this.#max = max
  }

  /** How many are at hand. */
  get size(): number {
    return this.#entries.size
  }

  /** The lineage of an account, as far as it is at hand. */
  get(id: string): Lineage | undefined {
    const entry = this.#entries.get(id)
    if (entry === undefined) return undefined
    entry.isUsed = true
    return entry.lineage
  }

  /** Begins a load: from now on it is told what is invalidated. */
  begin(): FactsLoad {
    const load = { touched: new Set<string>(), isReset: false }
    this.#loads.add(load)
    return load
  }

  /**
   * Ends a load. Lineages are kept if nothing of them was invalidated meanwhile; answers the ids of the
   * others, which are to be loaded again.
   */
  end(load: FactsLoad, lineages: readonly Lineage[]): string[] {
    this.#loads.delete(load)
    const again: string[] = []
    for (const lineage of lineages) {
      const { accounts } = lineage
      const id = accounts[accounts.length - 1]?.id ?? ''
      if (load.isReset || accounts.some((each) => load.touched.has(each.id))) again.push(id)
      else this.#put(id, lineage)
    }
    return again
  }

  /** Forgets an account, and all below it. */
  forget(id: string): void {
    for (const load of this.#loads) load.touched.add(id)
    for (const each of this.#within.get(id) ?? []) this.#remove(each)
  }

  /** Forgets all. */
  clear(): void {
    for (const load of this.#loads) load.isReset = true
    this.#entries.clear()
    this.#within.clear()
  }

  #put(id: string, lineage: Lineage): void {
    this.#remove(id)
    this.#makeRoom()
    this.#entries.set(id, { lineage, isUsed: false })
    for (const each of lineage.accounts) {
      const within = this.#within.get(each.id)
      if (within === undefined) this.#within.set(each.id, new Set([id]))
      else within.add(id)
    }
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    for (const each of entry.lineage.accounts) {
      const within = this.#within.get(each.id)
      within?.delete(id)
      if (within?.size === 0) this.#within.delete(each.id)
    }
  }

  /** Takes the oldest away that was not asked for since it was passed over. */
  #makeRoom(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size < this.#max) return
      if (!entry.isUsed) {
        this.#remove(id)
        continue
      }
      entry.isUsed = false
      this.#entries.delete(id)
      this.#entries.set(id, entry)
    }
  }
}

/** The lineages of accounts out of facts, each as far up as there are facts. */
export const lineagesOf = (ids: readonly string[], facts: readonly AccountFacts[]): Lineage[] => {
  const byId = new Map(facts.map((each) => [each.id, each]))
  return ids.flatMap((id) => {
    const accounts = byId
      .get(id)
      ?.path.split('/')
      .flatMap((each) => byId.get(each) ?? [])
    return accounts === undefined ? [] : [{ accounts }]
  })
}
