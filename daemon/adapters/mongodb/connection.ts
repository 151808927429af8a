import {
  MongoBulkWriteError,
  MongoClient,
  MongoError,
  MongoServerError,
  type Collection,
  type Db,
  type Document,
  type Filter,
  type UpdateFilter,
} from 'mongodb'
import { StoreFailure, type StorePlatform } from '../../ports/stores/index.ts'

/** A verb that has no answer by then fails as `unavailable`: callers hear 503 within three seconds (K6). */
const VERB_DEADLINE_MS = 2500
/** The share of it that the driver spends looking for a primary, for a free connection, or for a majority. */
const PATIENCE = 0.8
/** A server that says nothing for this long is given up; its heartbeats tell sooner. */
const SILENCE_MS = 5000
const HEARTBEAT_MS = 1000
const MAX_ATTEMPTS = 1000
const DEFAULT_DATABASE = 'authctl'
/** Change streams tell only what a majority has, and refuse to be asked for less. */
export const TOLD_BY_MAJORITY = { level: 'majority' } as const

/** Codes of errors that say that no instant can be read just now, as while a collection is being made. */
const NO_SNAPSHOT = [239, 246]

/** Whether an error of the driver says that no instant can be read just now. */
export const isWithoutSnapshot = (error: unknown): boolean =>
  error instanceof MongoServerError && NO_SNAPSHOT.includes(Number(error.code))

/** The code of a driver's error about a unique key that is taken. */
export const DUPLICATE_KEY = 11_000
const VALIDATION_FAILED = 121

/** Whether an error of the driver says that a unique key is taken. */
export const isDuplicateKey = (error: unknown): boolean =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY

/**
 * An error of the network that the driver passes on as Node made it, such as a reset in the middle of a
 * write.
 */
const isSocketError = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && ['read', 'write', 'connect'].includes(String(error.syscall))

/**
 * A driver error as one of the port's failures; anything that is not the driver's, or is a defect of ours,
 * stays as it is.
 */
const translateError = (error: unknown): unknown => {
  if (isSocketError(error)) return new StoreFailure('unavailable', 'MongoDB: the connection broke', error)
  if (error instanceof StoreFailure || !(error instanceof MongoError)) return error
  if (isDuplicateKey(error)) return new StoreFailure('conflict', 'a unique key is taken', error)
  if (error.code === VALIDATION_FAILED) return error
  return new StoreFailure('unavailable', `MongoDB: ${error.name} ${String(error.code ?? '')}`, error)
}

/** The database that a connection string names; `authctl` when it names none. */
export const databaseName = (uri: string): string =>
  /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?/]+)/.exec(uri)?.[1] ?? DEFAULT_DATABASE

/** What a connection string leads to. */
export type Deployment = StorePlatform & { readonly topology: 'standalone' | 'replica-set' | 'sharded' }

/**
 * One client of a MongoDB deployment. What the port promises is fixed here and wins over the connection
 * string: writes are acknowledged by a majority and its journals, reads go to the primary, retryable writes
 * are on.
 *
 * Reads have read concern `local`: a primary has every write that a majority has acknowledged, so that what
 * was answered is seen. (A primary that was cut off from the others and does not know it yet may answer old
 * reads until its election timeout, 10 s by default, has passed; it can acknowledge no write.)
 */
export class Connection {
  readonly client: MongoClient
  readonly db: Db
  readonly #verbDeadlineMs: number
  readonly #closing: (() => Promise<void>)[] = []
  #deployment: Deployment | undefined
  /**
   * `performance.now()` when the last known primary was lost; undefined while there is one, or before the
   * first.
   */
  #lostAt: number | undefined

  constructor(uri: string, verbDeadlineMs = VERB_DEADLINE_MS) {
    this.#verbDeadlineMs = verbDeadlineMs
    const patienceMs = PATIENCE * verbDeadlineMs
    this.client = new MongoClient(uri, {
      appName: 'authctl',
      retryWrites: true,
      retryReads: true,
      readPreference: 'primary',
      readConcern: { level: 'local' },
      writeConcern: { w: 'majority', journal: true, wtimeoutMS: patienceMs },
      serverSelectionTimeoutMS: patienceMs,
      waitQueueTimeoutMS: patienceMs,
      connectTimeoutMS: patienceMs,
      socketTimeoutMS: SILENCE_MS,
      heartbeatFrequencyMS: HEARTBEAT_MS,
      ignoreUndefined: false,
    })
    this.client.on('topologyDescriptionChanged', ({ newDescription }) => {
      const writable = [...newDescription.servers.values()].some((server) => server.isWritable)
      if (writable) this.#lostAt = undefined
      else this.#lostAt ??= performance.now()
    })
    this.db = this.client.db(databaseName(uri))
  }

  /** What it is connected to; asked once, at the start. */
  async inspect(): Promise<Deployment> {
    const admin = this.client.db('admin')
    const hello = await admin.command({ hello: 1 })
    const { version } = await admin.command({ buildInfo: 1 })
    const isStandalone = hello['setName'] === undefined && hello['msg'] !== 'isdbgrid'
    const topology = hello['msg'] === 'isdbgrid' ? 'sharded' : isStandalone ? 'standalone' : 'replica-set'
    this.#deployment = { engine: 'MongoDB', topology, version: String(version) }
    return this.#deployment
  }

  /**
   * Whether it is a replica set or a sharded cluster: those tell of changes, and read as of one instant; a
   * standalone server does neither.
   */
  get isReplicated(): boolean {
    return this.#deployment !== undefined && this.#deployment.topology !== 'standalone'
  }

  /**
   * Runs one step against the database with a deadline. While no primary is known for longer than that, it
   * fails at once, so that requests do not pile up; the heartbeats notice the return. An abandoned step ends
   * by its own timeouts and may still take effect.
   */
  async run<T>(step: () => Promise<T>): Promise<T> {
    const left = this.#verbDeadlineMs - (this.#lostAt === undefined ? 0 : performance.now() - this.#lostAt)
    if (left <= 0) throw new StoreFailure('unavailable', 'MongoDB has no primary')
    let timer: NodeJS.Timeout | undefined
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new StoreFailure('unavailable', 'MongoDB did not answer in time')),
        left,
      )
    })
    try {
      return await Promise.race([step(), deadline])
    } catch (error) {
      throw translateError(error)
    } finally {
      clearTimeout(timer)
    }
  }

  /** Runs before the client closes, what would otherwise try to connect again. */
  beforeClose(run: () => Promise<void>): void {
    this.#closing.push(run)
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map((run) => run()))
    await this.client.close()
  }
}

/**
 * Repeats a compare-and-set until it settles: `attempt` resolves with undefined when another writer came
 * first. Every attempt starts from what is stored, so that of n rivals one gets through each time; far more
 * attempts than there can be rivals means that the database is in trouble.
 */
export const settling = async <T extends object>(attempt: () => Promise<T | undefined>): Promise<T> => {
  for (let n = 0; n < MAX_ATTEMPTS; n++) {
    const settled = await attempt()
    if (settled !== undefined) return settled
  }
  throw new StoreFailure('unavailable', 'MongoDB: too many writers at one document')
}

/**
 * Repeats an upsert by `_id` that met another upsert of the same document: the next time it finds the
 * document and updates it.
 */
export const upserting = <T>(upsert: () => Promise<T>): Promise<T> =>
  settling(async () => {
    try {
      return { value: await upsert() }
    } catch (error) {
      if (isDuplicateKey(error)) return undefined
      throw error
    }
  }).then(({ value }) => value)

/**
 * Whether so many documents match, as the true primary has them and a majority keeps them. Asked by a write
 * that changes nothing: its acknowledgement says both. What an error about a unique key has met may still be
 * undone when the primary steps down.
 */
export const isKept = async <T extends Document>(
  collection: Collection<T>,
  filter: Filter<T>,
  count: number,
): Promise<boolean> => {
  const nothing = { $unset: { absent: '' } } as unknown as UpdateFilter<T>
  return (await collection.updateMany(filter, nothing)).matchedCount === count
}

/**
 * Runs an unordered bulk write. False when a unique key was taken, or a majority did not answer, and nothing
 * else went wrong: then what is stored tells what was written.
 */
export const wroteAll = async (write: () => Promise<unknown>): Promise<boolean> => {
  try {
    await write()
    return true
  } catch (error) {
    const isMet =
      error instanceof MongoBulkWriteError &&
      [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY)
    if (isMet) return false
    throw error
  }
}

/** Whether an insertion by `_id` was the first. */
export const insertedFirst = async (insert: () => Promise<unknown>): Promise<boolean> => {
  try {
    await insert()
    return true
  } catch (error) {
    if (isDuplicateKey(error)) return false
    throw error
  }
}
