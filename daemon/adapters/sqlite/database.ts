import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { isBusy, openConnection, translateError } from './connection.ts'
import { GroupCommit } from './group-commit.ts'
import { migrate } from './migrations.ts'
import { ReadCache } from './read-cache.ts'

type Values = Record<string, SQLInputValue>

/** A prepared statement whose named parameters are given without their prefix. */
export interface Statement {
  get<T>(values?: Values): T | undefined
  all<T>(values?: Values): T[]
  /** The number of rows changed. */
  run(values?: Values): number
}

const statementOf = (statement: StatementSync): Statement => ({
  get: <T>(values: Values = {}) => statement.get(values) as T | undefined,
  all: <T>(values: Values = {}) => statement.all(values) as T[],
  run: (values: Values = {}) => Number(statement.run(values).changes),
})

/**
 * One SQLite file with a reading and a writing connection. Statements for writes run only inside `write`,
 * which makes them one atomic, durable step; reads see only what is committed.
 */
export class Database {
  readonly #reader: DatabaseSync
  readonly #writer: DatabaseSync
  readonly #commits: GroupCommit
  readonly #shapes = new Map<string, Statement>()
  /** Rows by id that are remembered while they are what is stored. */
  readonly cache: ReadCache

  /** @param cachedRows of each table that the cache knows; 0: none */
  constructor(file: string, cachedRows: number) {
    this.#writer = openConnection(file, 5000)
    migrate(this.#writer, file)
    this.#writer.exec('PRAGMA busy_timeout=2')
    this.#reader = openConnection(file, 5000)
    this.#reader.exec('PRAGMA query_only=ON')
    this.#commits = new GroupCommit(this.#writer)
    this.cache = new ReadCache(this.#writer, cachedRows)
  }

  /** A statement for reading, on the reading connection. */
  reading(sql: string): Statement {
    return statementOf(this.#reader.prepare(sql))
  }

  /**
   * A statement for reading of one of the few shapes of a query that is put together: each is prepared once,
   * because preparing ten ranges takes longer than reading them.
   */
  readingShape(sql: string): Statement {
    const statement = this.#shapes.get(sql) ?? this.reading(sql)
    this.#shapes.set(sql, statement)
    return statement
  }

  /** A statement for use inside `write` only. */
  writing(sql: string): Statement {
    return statementOf(this.#writer.prepare(sql))
  }

  /** Runs a read; driver errors come out as store failures. */
  read<T>(run: () => T): Promise<T> {
    try {
      return Promise.resolve(run())
    } catch (error) {
      return Promise.reject(translateError(error))
    }
  }

  /** Runs a read that may use what the cache remembers. */
  readRemembered<T>(run: () => T): Promise<T> {
    return this.read(() => this.cache.use(run))
  }

  /** Runs statements as one step of a group commit; resolves once they are durable. */
  write<T>(run: () => T): Promise<T> {
    return this.#commits.write(run)
  }

  /**
   * Answers, each time it is asked, whether anything was committed since it was asked before: by the writing
   * connection here, or by another process. A file that does not answer may have changed.
   */
  watchOthers(): () => boolean {
    const version = this.#reader.prepare('PRAGMA data_version')
    let seen: unknown
    return () => {
      try {
        const present = version.get()?.['data_version']
        const isSame = present === seen
        seen = present
        return !isSame
      } catch {
        return true
      }
    }
  }

  /**
   * Brings all that is committed into the file and cuts the log to nothing, so that what was deleted is not
   * left there. While somebody reads or writes, it is left for the next time.
   */
  truncateLog(): void {
    this.#writer.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  }

  /**
   * Finishes waiting writes and closes both connections; the last one of all processes removes the -wal file.
   */
  async close(): Promise<void> {
    await this.#commits.settled()
    if (this.#reader.isOpen) this.#reader.close()
    if (!this.#writer.isOpen) return
    try {
      this.#writer.exec('PRAGMA busy_timeout=2000; PRAGMA optimize')
    } catch (error) {
      if (!isBusy(error)) throw error
    } finally {
      this.#writer.close()
    }
  }
}
