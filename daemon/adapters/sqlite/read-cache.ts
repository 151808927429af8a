import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ReadCacheFigures } from '../../ports/stores/index.ts'
import { RecentMap } from '../recent-map.ts'

/** The tables whose rows are remembered. */
const TABLES = ['accounts', 'sessions', 'applications'] as const
type Table = (typeof TABLES)[number]

/** Rows of one table by id, as they are used. */
export type Memory<T extends object> = (id: string, read: () => T | undefined) => T | undefined

const NO_VERSION = -1

/** Whatever a statement does to a row, with the name of the row in a trigger. */
const CHANGES = [
  ['INSERT', 'NEW'],
  ['UPDATE', 'OLD'],
  ['DELETE', 'OLD'],
] as const

/**
 * Rows by id, remembered as long as they are what is stored. Two things say so, and both are of SQLite:
 *
 * - `PRAGMA data_version` of the writing connection, asked before every use; once for those of one callback
 *   of the event loop, which serve what had come before. It changes whenever any other connection, of this
 *   process or another, has committed: then everything is forgotten.
 * - For writes of this connection, which do not change it, temporary triggers of its own. They name each row
 *   that a statement changes or deletes, whichever statement it is, and that row is forgotten. No verb can
 *   leave it out, and a write that is undone has only forgotten too much.
 *
 * So whatever a use begins after is seen by it. What is not there is not remembered. Under writes of others
 * it costs the question and remembers nothing for long.
 */
export class ReadCache {
  readonly #writer: DatabaseSync
  readonly #version: StatementSync
  readonly #mostRows: number
  readonly #memories = new Map<string, RecentMap<string, object>>()
  readonly #figures = { hits: 0, misses: 0 }
  #seen: unknown = NO_VERSION
  #isAsked = false

  /** @param mostRows how many rows are remembered of each table; 0: none, and every read goes to the file */
  constructor(writer: DatabaseSync, mostRows: number) {
    this.#mostRows = mostRows
    this.#writer = writer
    this.#version = writer.prepare('PRAGMA data_version')
    this.#version.setReturnArrays(true)
    if (mostRows === 0) return
    writer.exec('PRAGMA temp_store=MEMORY')
    writer.function('forget_row', (table, id) => {
      this.#memories.get(String(table))?.delete(String(id))
      return null
    })
    for (const table of TABLES) {
      this.#memories.set(table, new RecentMap(mostRows))
      for (const [change, row] of CHANGES)
        writer.exec(
          `CREATE TEMP TRIGGER forget_${table}_${change} AFTER ${change} ON main.${table}
           BEGIN SELECT forget_row('${table}', ${row}.id); END`,
        )
    }
  }

  /** Runs what uses the memories, after what others have changed is forgotten. */
  use<T>(run: () => T): T {
    this.#forgetWhatOthersChanged()
    return run()
  }

  /** The memory of a table, for use inside `use`. What it answers is shared and frozen. */
  memory<T extends object>(table: Table): Memory<T> {
    const rows = this.#memories.get(table) as RecentMap<string, T> | undefined
    if (rows === undefined) return (_id, read) => read()
    return (id, read) => {
      const known = rows.get(id)
      if (known !== undefined) {
        this.#figures.hits++
        return known
      }
      this.#figures.misses++
      const row = read()
      if (row === undefined) return undefined
      for (const part of Object.values(row)) Object.freeze(part)
      rows.set(id, Object.freeze(row))
      return row
    }
  }

  /** What it has done since the start. */
  figures(): ReadCacheFigures {
    const rows = [...this.#memories.values()].reduce((sum, { size }) => sum + size, 0)
    return { ...this.#figures, rows, mostRows: this.#mostRows * this.#memories.size }
  }

  #forgetWhatOthersChanged(): void {
    if (this.#mostRows === 0 || this.#isAsked) return
    const version = this.#askVersion()
    if (version !== undefined) {
      this.#isAsked = true
      queueMicrotask(this.#askAgain)
      if (version === this.#seen) return
    }
    for (const rows of this.#memories.values()) rows.clear()
    this.#seen = version
  }

  readonly #askAgain = (): void => void (this.#isAsked = false)

  /**
   * Undefined while the file does not answer, or while this connection is in a transaction and so sees what
   * was there when it began: then nothing that is remembered counts.
   */
  #askVersion(): unknown {
    if (this.#writer.isTransaction) return undefined
    try {
      const row: unknown = this.#version.get()
      return Array.isArray(row) ? row[0] : undefined
    } catch {
      return undefined
    }
  }
}
