import type { Draft, Operation } from './requests.ts'

/** Done once on every daemon, and before the run: what it needs is made by it. */
export const DONE_BEFORE: readonly string[] = ['superadmins.bootstrap']

const isSuccess = (status: number): boolean => status < 300 || status === 304

/** Which operation has answered what, how often. */
export class Coverage {
  readonly #seen: ReadonlyMap<string, Map<number, number>>
  readonly #others = new Map<number, number>()

  constructor(operations: readonly Operation[]) {
    this.#seen = new Map(operations.map(({ operationId }) => [operationId, new Map()]))
  }

  /** Counts an answer; of another method than the operation has, it says nothing of it. */
  count({ operation, method }: Pick<Draft, 'operation' | 'method'>, status: number): void {
    const own = method === operation.method ? this.#seen.get(operation.operationId) : undefined
    const seen = own ?? this.#others
    seen.set(status, (seen.get(status) ?? 0) + 1)
  }

  isDone(operationId: string): boolean {
    return [...(this.#seen.get(operationId)?.keys() ?? [])].some(isSuccess)
  }

  /** Operations that no request of the run did with success. */
  neverDone(): string[] {
    return [...this.#seen.keys()].filter((id) => !DONE_BEFORE.includes(id) && !this.isDone(id))
  }

  statuses(): Record<string, number> {
    const sums: Record<string, number> = {}
    for (const seen of [...this.#seen.values(), this.#others])
      for (const [status, times] of seen) sums[status] = (sums[status] ?? 0) + times
    return sums
  }

  /** A line for each operation: what it answered, how often. */
  table(): string {
    const width = Math.max(...[...this.#seen.keys()].map((id) => id.length))
    const figures = (seen: ReadonlyMap<number, number>): string =>
      [...seen]
        .sort(([a], [b]) => a - b)
        .map(([status, times]) => `${status}: ${times}`)
        .join(', ')
    const lines = [...this.#seen].map(([id, seen]) => {
      const note = DONE_BEFORE.includes(id) ? ' (201 before the run)' : this.isDone(id) ? '' : ' NEVER DONE'
      return `${id.padEnd(width)}  ${figures(seen)}${note}`
    })
    return [...lines, `${'(other methods)'.padEnd(width)}  ${figures(this.#others)}`].join('\n')
  }
}
