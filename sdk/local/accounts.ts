import { requireAtLeast } from '../numbers.ts'
import type { AccountFacts } from '../types.gen.ts'
import { Lineage } from './lineage.ts'

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
  readonly #lineages = new Map<string, Lineage>()
  /** For each id the accounts in whose lineage it is. */
  readonly #within = new Map<string, Set<string>>()
  readonly #loads = new Set<FactsLoad>()

  constructor(maxAccounts: number) {
    requireAtLeast(1, { maxAccounts })
    this.#max = maxAccounts
  }

  /** How many are at hand. */
  get size(): number {
    return this.#lineages.size
  }

  /** The lineage of an account, as far as it is at hand. */
  get(id: string): Lineage | undefined {
    const lineage = this.#lineages.get(id)
    // What is not written to stays clean in the cache of the processor.
    if (lineage?.isUsed === false) lineage.isUsed = true
    return lineage
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
      const { accounts, account } = lineage
      const { id } = account
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
    this.#lineages.clear()
    this.#within.clear()
  }

  #put(id: string, lineage: Lineage): void {
    this.#remove(id)
    this.#makeRoom()
    this.#lineages.set(id, lineage)
    for (const each of lineage.accounts) {
      const within = this.#within.get(each.id)
      if (within === undefined) this.#within.set(each.id, new Set([id]))
      else within.add(id)
    }
  }

  #remove(id: string): void {
    const lineage = this.#lineages.get(id)
    if (lineage === undefined) return
    this.#lineages.delete(id)
    for (const each of lineage.accounts) {
      const within = this.#within.get(each.id)
      within?.delete(id)
      if (within?.size === 0) this.#within.delete(each.id)
    }
  }

  /** Takes the oldest away that was not asked for since it was passed over. */
  #makeRoom(): void {
    for (const [id, lineage] of this.#lineages) {
      if (this.#lineages.size < this.#max) return
      if (!lineage.isUsed) {
        this.#remove(id)
        continue
      }
      lineage.isUsed = false
      this.#lineages.delete(id)
      this.#lineages.set(id, lineage)
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
    return accounts === undefined ? [] : [new Lineage(accounts)]
  })
}
