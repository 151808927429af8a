import type { ClientSession, Filter } from 'mongodb'
import { isJustPlace, isSamePlace, type Box, type Place } from '../../domain/place.ts'
import type { PlaceQuery, PlaceStore } from '../../ports/stores/index.ts'
import type { Collections, GuardDoc, PlaceDoc } from './collections.ts'
import { insertedFirst, isDuplicateKey, isWithoutSnapshot, settling, type Connection } from './connection.ts'

const GUARD = 'places'
type Guard = Extract<GuardDoc, { _id: typeof GUARD }>

/** Said with each read: the client's own read concern would win over that of the session. */
const AT_ONE_INSTANT = { level: 'snapshot' } as const

/** As of when is read: in a session that is fixed to an instant, or just now. */
interface AsOf {
  readonly session?: ClientSession
  readonly readConcern?: typeof AT_ONE_INSTANT
}
type Read<T> = (asOf: AsOf) => Promise<T>

/** How many ids are looked up at least where those looked up before were not enough. */
const NEXT_IDS = 500

/** One that was taken away is no place any more. */
const isPlace = (doc: PlaceDoc | null): doc is PlaceDoc => doc !== null && doc.deletedAt === undefined

const toPlace = ({
  _id,
  type,
  name,
  longitude,
  latitude,
  address,
  operator,
  updatedAt,
}: PlaceDoc): Place => ({
  id: _id,
  type,
  name,
  longitude,
  latitude,
  address,
  operator,
  updatedAt,
})

const inBox = ({ minLongitude, maxLongitude, minLatitude, maxLatitude }: Box): Filter<PlaceDoc> => ({
  latitude: { $gte: minLatitude, $lte: maxLatitude },
  ...(minLongitude <= maxLongitude
    ? { longitude: { $gte: minLongitude, $lte: maxLongitude } }
    : { $or: [{ longitude: { $gte: minLongitude } }, { longitude: { $lte: maxLongitude } }] }),
})

const filterOf = ({ box, type, after }: PlaceQuery): Filter<PlaceDoc> => ({
  ...(box === undefined ? {} : inBox(box)),
  ...(type === undefined ? {} : { type }),
  ...(after === undefined ? {} : { _id: { $gt: after } }),
})

/**
 * Imports are all or nothing without a transaction: an import is first written down whole in the guard
 * document (by a compare-and-set on its revision), then carried out place by place, then crossed out, which
 * raises the revision. A daemon that finds one under way carries it out too: every place remembers the
 * revision that wrote it, so that a straggler changes nothing; so does one that was taken away. Readers of
 * several places read as of one instant; on a standalone server, between two equal revisions.
 */
export const createPlaceStore = (connection: Connection, { places, guards }: Collections): PlaceStore => {
  const readGuard = async (asOf: AsOf = {}): Promise<Guard> => {
    const guard = await guards.findOne({ _id: GUARD }, { ...asOf })
    return (guard as Guard | null) ?? { _id: GUARD, revision: 0, importing: null }
  }

  const writeOne = async (place: PlaceDoc): Promise<void> => {
    try {
      const older = { _id: place._id, revision: { $lt: place.revision } }
      await places.replaceOne(older, place, { upsert: true })
    } catch (error) {
      // There is one of this revision or a later one: it was carried out before.
      if (!isDuplicateKey(error)) throw error
    }
  }

  /** Carries out what is written down, and crosses it out. */
  const finish = async ({ revision, importing }: Guard): Promise<void> => {
    const operations = (importing ?? []).map((place) => ({
      replaceOne: {
        filter: { _id: place._id, revision: { $lt: place.revision } },
        replacement: place,
        upsert: true,
      },
    }))
    try {
      await places.bulkWrite(operations, { ordered: false })
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      for (const place of importing ?? []) await writeOne(place)
    }
    await guards.updateOne({ _id: GUARD, revision }, { $set: { importing: null }, $inc: { revision: 1 } })
  }

  /** The guard with no import under way. */
  const settledGuard = (): Promise<Guard> =>
    settling(async () => {
      const guard = await readGuard()
      if (guard.importing === null) return guard
      await finish(guard)
      return undefined
    })

  const isUnchanged = async ({ revision }: Guard): Promise<boolean> => {
    const guard = await readGuard()
    return guard.revision === revision && guard.importing === null
  }

  /** Writes an import down if no other has been since. */
  const writeDown = async ({ revision }: Guard, written: Guard): Promise<boolean> => {
    if (revision === 0) return insertedFirst(() => guards.insertOne(written))
    const change = { $set: { importing: written.importing, revision: written.revision } }
    return (await guards.updateOne({ _id: GUARD, revision }, change)).matchedCount === 1
  }

  /** Runs a read between two equal revisions; undefined if an import came in between. */
  const readBetween = async <T>(read: Read<T>): Promise<{ value: T } | undefined> => {
    const guard = await settledGuard()
    const value = await read({})
    return (await isUnchanged(guard)) ? { value } : undefined
  }

  /**
   * Runs a read as of one instant; undefined if an import was under way then, which is carried out, or if it
   * was an earlier one than what the primary has: one that was just elected may not know yet how much a
   * majority has.
   */
  const readAtOnce = async <T>(read: Read<T>): Promise<{ value: T } | undefined> => {
    const { revision } = await readGuard()
    const readThen = async (session: ClientSession): Promise<{ value: T } | Guard | undefined> => {
      const asOf = { session, readConcern: AT_ONE_INSTANT }
      const guard = await readGuard(asOf)
      if (guard.revision < revision) return undefined
      return guard.importing === null ? { value: await read(asOf) } : guard
    }
    try {
      const found = await connection.client.withSession({ snapshot: true }, readThen)
      if (found === undefined || 'value' in found) return found
      await finish(found)
      return undefined
    } catch (error) {
      if (isWithoutSnapshot(error)) return readBetween(read)
      throw error
    }
  }

  /**
   * Runs a read of several documents that shows each import whole or not at all. Where an instant can be
   * read, no number of writers keeps readers waiting.
   */
  const consistently = async <T>(read: Read<T>): Promise<T> => {
    const { value } = await settling(() => (connection.isReplicated ? readAtOnce(read) : readBetween(read)))
    return value
  }

  /**
   * The ids come from an index alone, so that a box with many places costs no reading of documents that are
   * not returned. What was taken away is seen when its document is read: then the page goes on behind it, in
   * steps that do not shrink with what is missing, for much may have been taken away.
   */
  const listPage = async (query: PlaceQuery, asOf: AsOf): Promise<Place[]> => {
    const found: Place[] = []
    for (let step = query; ;) {
      const page = places
        .find(filterOf(step), { projection: { _id: 1 }, batchSize: step.limit, ...asOf })
        .sort({ _id: 1 })
        .limit(step.limit)
      const ids = (await page.toArray()).map((doc) => doc._id)
      // One more than there are, so that the first batch is seen to be the last.
      const read = await places.find({ _id: { $in: ids } }, { batchSize: ids.length + 1, ...asOf }).toArray()
      const docs = new Map(read.map((doc) => [doc._id, doc]))
      found.push(
        ...ids
          .map((id) => docs.get(id) ?? null)
          .filter(isPlace)
          .map(toPlace),
      )
      const last = ids.at(-1)
      if (found.length >= query.limit || ids.length < step.limit || last === undefined)
        return found.slice(0, query.limit)
      step = { ...query, after: last, limit: Math.max(query.limit, NEXT_IDS) }
    }
  }

  const upsertMany: PlaceStore['upsertMany'] = (wanted) =>
    settling(async () => {
      const guard = await settledGuard()
      const ids = wanted.map((place) => place.id)
      const present = new Map(
        (await places.find({ _id: { $in: ids } }).toArray()).filter(isPlace).map((doc) => [doc._id, doc]),
      )
      const importing = new Map<string, PlaceDoc>()
      const counts = { created: 0, updated: 0, unchanged: 0 }
      for (const { id, ...fields } of wanted) {
        const before = importing.get(id) ?? present.get(id)
        const next = { _id: id, ...fields, revision: guard.revision + 1 }
        if (before !== undefined && isSamePlace(before, next)) counts.unchanged++
        else {
          counts[before === undefined ? 'created' : 'updated']++
          importing.set(id, next)
        }
      }
      if (importing.size === 0) return (await isUnchanged(guard)) ? counts : undefined
      const written = { ...guard, revision: guard.revision + 1, importing: [...importing.values()] }
      if (!(await writeDown(guard, written))) return undefined
      await finish(written)
      return counts
    })

  /** Writes one document in the place of what is there under its id, if that is just what was expected. */
  const replaceOne = async (
    id: string,
    expected: Place | undefined,
    next: Omit<PlaceDoc, '_id' | 'revision'>,
  ): Promise<boolean> => {
    const { value } = await settling(async () => {
      const guard = await settledGuard()
      const doc = await places.findOne({ _id: id })
      if (!isJustPlace(isPlace(doc) ? toPlace(doc) : undefined, expected))
        return (await isUnchanged(guard)) ? { value: false } : undefined
      const revision = guard.revision + 1
      const written = { ...guard, revision, importing: [{ _id: id, ...next, revision }] }
      if (!(await writeDown(guard, written))) return undefined
      await finish(written)
      return { value: true }
    })
    return value
  }

  return {
    replace: ({ id, ...fields }, expected) => connection.run(() => replaceOne(id, expected, fields)),
    remove: ({ id, ...fields }) =>
      connection.run(() => replaceOne(id, { id, ...fields }, { ...fields, deletedAt: new Date() })),
    upsertMany: (wanted) => connection.run(() => upsertMany(wanted)),
    revision: () => connection.run(async () => (await settledGuard()).revision),
    // One document is whole by itself, and an import that it is of is written down before it.
    get: (id) =>
      connection.run(async () => {
        await settledGuard()
        const doc = await places.findOne({ _id: id })
        return isPlace(doc) ? toPlace(doc) : undefined
      }),
    list: (query) => connection.run(() => consistently((asOf) => listPage(query, asOf))),
  }
}
