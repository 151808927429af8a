import type { DatabaseSync } from 'node:sqlite'
import { StoreFailure } from '../../ports/stores/index.ts'
import { isBusy, translateError } from './connection.ts'

type Settlement = () => void

interface Job {
  /** Runs the statements; what it answers settles the caller, once they are durable. */
  readonly run: () => Settlement
  readonly reject: (error: unknown) => void
  readonly deadline: number
}

/** Writes in one batch; bounds the time that one commit can take. */
const MAX_BATCH = 512
/** How long a write waits for another process's lock before it fails as `unavailable`. */
const LOCK_DEADLINE_MS = 8000

/**
 * Group commit: all writes that wait while the event loop turns share one `BEGIN IMMEDIATE … COMMIT`, and so
 * one fsync. Each runs in its own savepoint, so that one that fails undoes itself alone, and each is settled
 * only after the commit: acknowledged means durable. A lock held by another process is waited for without
 * blocking the event loop.
 */
export class GroupCommit {
  readonly #db: DatabaseSync
  #waiting: Job[] = []
  #scheduled = false
  #idle: (() => void)[] = []

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  /**
   * Runs `run` (synchronous statements on the writing connection) in the next batch; resolves once it is
   * durable.
   */
  write<T>(run: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        run: () => {
          const value = run()
          return () => resolve(value)
        },
        reject,
        deadline: performance.now() + LOCK_DEADLINE_MS,
      })
      if (!this.#scheduled) this.#schedule(0)
    })
  }

  /** Resolves when no write waits. */
  async settled(): Promise<void> {
    if (this.#waiting.length > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #schedule(delayMs: number): void {
    this.#scheduled = true
    if (delayMs === 0) setImmediate(this.#flush)
    else setTimeout(this.#flush, delayMs)
  }

  readonly #flush = (): void => {
    this.#scheduled = false
    try {
      this.#db.exec('BEGIN IMMEDIATE')
    } catch (error) {
      this.#waitForLock(error)
      return
    }
    const settlements = this.#commit(this.#waiting.splice(0, MAX_BATCH))
    for (const settle of settlements) settle()
    if (this.#waiting.length > 0) this.#schedule(0)
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  #waitForLock(error: unknown): void {
    const now = performance.now()
    const failed = isBusy(error) ? this.#waiting.filter((job) => job.deadline <= now) : this.#waiting
    this.#waiting = this.#waiting.filter((job) => !failed.includes(job))
    const failure = isBusy(error)
      ? new StoreFailure('unavailable', 'the database stayed locked', error)
      : translateError(error)
    for (const job of failed) job.reject(failure)
    if (this.#waiting.length > 0) this.#schedule(1 + Math.random() * 4)
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  #commit(batch: readonly Job[]): Settlement[] {
    try {
      const settlements = batch.map((job) => this.#runOne(job))
      this.#db.exec('COMMIT')
      return settlements
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      const failure = translateError(error)
      return batch.map((job) => () => job.reject(failure))
    }
  }

  #runOne(job: Job): Settlement {
    this.#db.exec('SAVEPOINT job')
    try {
      const settle = job.run()
      this.#db.exec('RELEASE job')
      return settle
    } catch (error) {
      this.#db.exec('ROLLBACK TO job; RELEASE job')
      const failure = translateError(error)
      return () => job.reject(failure)
    }
  }
}
