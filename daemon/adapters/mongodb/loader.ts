import type { Collection, Filter } from 'mongodb'

/** Ids that one query asks for at most; what is more goes into a query of its own, at the same time. */
export const MOST_AT_ONCE = 512

interface Waiting<T> {
  readonly resolve: (found: T | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins the reads by id of one turn of the event loop into one query. It is sent when all of them have been
 * asked for, and none that is asked for later joins it: nobody sees anything older than by a query of its
 * own.
 * An id that several ask for is read once, and they are given the same object. A query that fails does so for
 * everyone who shares it, as one that each had sent alone would have.
 * @param read the documents of these ids, in any order
 */
export const createLoader = <Id extends string, T>(
  read: (ids: Id[]) => Promise<ReadonlyMap<Id, T>>,
): ((id: Id) => Promise<T | undefined>) => {
  let asked = new Map<Id, Waiting<T>[]>()

  const send = async (batch: ReadonlyMap<Id, Waiting<T>[]>): Promise<void> => {
    try {
      const found = await read([...batch.keys()])
      for (const [id, all] of batch) for (const { resolve } of all) resolve(found.get(id))
    } catch (error) {
      for (const all of batch.values()) for (const { reject } of all) reject(error)
    }
  }

  const flush = (batch: ReadonlyMap<Id, Waiting<T>[]>): void => {
    if (asked === batch) asked = new Map()
    void send(batch)
  }

  const enter = (id: Id, waiting: Waiting<T>): void => {
    const batch = asked
    const same = batch.get(id)
    if (same !== undefined) {
      same.push(waiting)
      return
    }
    if (batch.size === 0) setImmediate(flush, batch)
    batch.set(id, [waiting])
    // The one that is full is sent with the rest of the turn; what comes now goes into the next.
    if (batch.size === MOST_AT_ONCE) asked = new Map()
  }

  return (id) => new Promise((resolve, reject) => enter(id, { resolve, reject }))
}

/**
 * A loader of the documents of a collection that match a filter, each turned into what callers want once.
 * The answer comes in one piece: a cursor that stays open would cost a second round trip.
 */
export const createDocumentLoader = <Id extends string, Doc extends { readonly _id: Id }, T>(
  collection: Collection<Doc>,
  filter: Filter<Doc>,
  toRecord: (doc: Doc) => T,
): ((id: Id) => Promise<T | undefined>) =>
  createLoader(async (ids) => {
    const wanted = { ...filter, _id: { $in: ids } } as Filter<Doc>
    const docs = await collection.find(wanted, { batchSize: ids.length + 1 }).toArray()
    return new Map(docs.map((doc) => [doc._id as Id, toRecord(doc as unknown as Doc)]))
  })
