/**
 * A bounded map that keeps what was asked for lately. It has two generations: what is found in the older one
 * moves to the younger, and when that is full it becomes the older one, whose rest is forgotten. So a look-up
 * costs one or two of a plain map, and nothing that is used often is lost to what is used once.
 */
export class RecentMap<K, V extends object> {
  readonly #half: number
  #young = new Map<K, V>()
  #old = new Map<K, V>()

  /** @param most how many entries it holds at the most; at least two */
  constructor(most: number) {
    this.#half = Math.max(1, Math.floor(most / 2))
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: K, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
    this.#old.delete(key)
  }

  delete(key: K): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
