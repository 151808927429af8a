import type { Collection } from 'mongodb'
import { confirm, judgeCharges, keysOf, type Charge, type Counted, type Tally } from '../../domain/charge.ts'
import type { LimitOutcome } from '../../ports/stores/index.ts'
import type { LimitDoc } from './collections.ts'
import { insertedFirst, isKept, settling, wroteAll, type Connection } from './connection.ts'

/** Events that are counted together at most. */
const EVENTS_AT_ONCE = 200

/** The windows that a document holds, in order. */
export const toWindows = (doc: LimitDoc): Counted[] => {
  const windows: Counted[] = []
  for (let n = 0; doc[`s${n}`] !== undefined; n++) windows.push([doc[`s${n}`] ?? 0, doc[`c${n}`] ?? 0])
  return windows
}

/** Windows as the fields of a document. */
export const toFields = (windows: readonly Counted[]): Record<string, number> =>
  Object.fromEntries(
    windows.flatMap(([startedAt, count], n) => [
      [`s${n}`, startedAt],
      [`c${n}`, count],
    ]),
  )

type Books = Map<string, readonly Counted[]>

/** One event that waits to be counted: it reads what is counted, and answers what to write. */
interface Entry {
  readonly now: number
  readonly keys: readonly string[]
  readonly count: (books: Books) => { readonly outcome: LimitOutcome; readonly next: Tally }
}

interface Waiting {
  readonly entry: Entry
  readonly resolve: (outcome: LimitOutcome) => void
  readonly reject: (error: unknown) => void
}

/** What a batch writes: by key, the document without its `_id`. */
type Writes = readonly { readonly key: string; readonly fields: Readonly<Record<string, number>> }[]

/**
 * The document that every batch goes through: `revision` counts batches, `writes` is what the last one wrote.
 */
interface LedgerDoc extends LimitDoc {
  readonly revision?: number
  readonly writes?: Writes
}

/** Its `_id` among the limits, whose own keys all have a colon. */
export const LEDGER_ID = 'ledger'

/**
 * Counts events that touch several documents, all or nothing, and exactly over all daemons, without needing
 * transactions. A batch is decided by one compare-and-set of the ledger, which holds its writes: that is the
 * moment at which all of it happened. Then they are carried out; the next one to come does so first, in case
 * the one who decided did not get to it. Each document knows the revision that it was written by, and nobody
 * writes an older one over it.
 *
 * What waits in this process is decided together, so that daemons compete for the ledger, not requests.
 */
export const createLedger = (connection: Connection, limits: Collection<LimitDoc>) => {
  const ledger = limits as unknown as Collection<LedgerDoc>
  let waiting: Waiting[] = []
  let isRunning = false
  /** The revision that this process knows to be carried out. */
  let carriedOut: number | undefined

  /**
   * Writes that were carried out before meet a document with their revision or a later one, and change
   * nothing; that a majority has what was met is asked before the revision counts as carried out.
   */
  const carryOut = async (writes: Writes, revision: number): Promise<void> => {
    if (writes.length > 0) {
      const operations = writes.map(({ key, fields }) => ({
        replaceOne: {
          filter: { _id: key, $or: [{ revision: { $exists: false } }, { revision: { $lt: revision } }] },
          replacement: { ...fields, revision } as unknown as LedgerDoc,
          upsert: true,
        },
      }))
      const written = { _id: { $in: writes.map(({ key }) => key) }, revision: { $gte: revision } }
      await settling(async () => {
        const isWritten =
          (await wroteAll(() => ledger.bulkWrite(operations, { ordered: false }))) ||
          (await isKept(ledger, written, writes.length))
        return isWritten ? { revision } : undefined
      })
    }
    carriedOut = revision
  }

  /**
   * A new ledger begins at the time, so that documents which outlived an earlier one are older than it.
   * Undefined when another daemon began it meanwhile: its revision is not ours to guess, as it may have moved
   * on to the very time at which we would have begun.
   *
   * It is read as a majority has it. A primary that is about to step down shows decisions that will be
   * undone; carried out at the next primary they would stand in the way of the one that takes their revision.
   */
  const open = async (now: number): Promise<{ revision: number } | undefined> => {
    const found = await ledger.findOne({ _id: LEDGER_ID }, { readConcern: { level: 'majority' } })
    if (found === null) {
      const empty = { _id: LEDGER_ID, revision: now, writes: [], expiresAt: Number.MAX_SAFE_INTEGER }
      if (await insertedFirst(() => ledger.insertOne(empty))) return { revision: now }
      await isKept(ledger, { _id: LEDGER_ID }, 1)
      return undefined
    }
    const { revision = 0, writes = [] } = found
    if (revision !== carriedOut) await carryOut(writes, revision)
    return { revision }
  }

  const decide = async (entries: readonly Entry[]) => {
    const keys = new Set(entries.flatMap((entry) => entry.keys))
    const docs = await limits.find({ _id: { $in: [...keys] } }).toArray()
    const books: Books = new Map(docs.map((doc) => [doc._id, toWindows(doc)]))
    const changes = new Map<string, Readonly<Record<string, number>>>()
    const outcomes = entries.map(({ count }) => {
      const { outcome, next } = count(books)
      for (const [key, { windows, expiresAt }] of next) {
        books.set(key, windows)
        changes.set(key, { ...toFields(windows), expiresAt })
      }
      return outcome
    })
    return { outcomes, writes: [...changes].map(([key, fields]) => ({ key, fields })) }
  }

  const countOnce = async (entries: readonly Entry[]): Promise<LimitOutcome[] | undefined> => {
    const opened = await open(Math.max(...entries.map(({ now }) => now)))
    if (opened === undefined) return undefined
    const { revision } = opened
    const { outcomes, writes } = await decide(entries)
    if (writes.length === 0) return outcomes
    const { modifiedCount } = await ledger.updateOne(
      { _id: LEDGER_ID, revision },
      { $set: { revision: revision + 1, writes } },
    )
    if (modifiedCount === 0) return undefined
    await carryOut(writes, revision + 1)
    return outcomes
  }

  const countTogether = (entries: readonly Entry[]): Promise<LimitOutcome[]> =>
    connection.run(() => settling(() => countOnce(entries)))

  const drain = async (): Promise<void> => {
    isRunning = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, EVENTS_AT_ONCE)
      waiting = waiting.slice(EVENTS_AT_ONCE)
      try {
        const outcomes = await countTogether(batch.map(({ entry }) => entry))
        for (const [n, { resolve, reject }] of batch.entries()) {
          const outcome = outcomes[n]
          if (outcome === undefined) reject(new Error('an event was not counted'))
          else resolve(outcome)
        }
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    isRunning = false
  }

  const enter = (entry: Entry): Promise<LimitOutcome> =>
    new Promise((resolve, reject) => {
      waiting.push({ entry, resolve, reject })
      if (!isRunning) void drain()
    })

  return {
    takeAll: (charges: readonly Charge[], now: number): Promise<LimitOutcome> =>
      enter({
        now,
        keys: charges.flatMap(keysOf),
        count: (books) => judgeCharges(charges, (key) => books.get(key) ?? [], now),
      }),
    confirm: async (keys: readonly string[], now: number): Promise<void> => {
      await enter({
        now,
        keys,
        count: (books) => ({
          outcome: { allowed: true },
          next: new Map(keys.map((key) => [key, confirm(books.get(key) ?? [], now)])),
        }),
      })
    },
  }
}
