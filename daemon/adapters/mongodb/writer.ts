import {
  MongoBulkWriteError,
  MongoServerError,
  type AnyBulkWriteOperation,
  type Collection,
  type Document,
  type Filter,
  type UpdateFilter,
} from 'mongodb'
import { MOST_AT_ONCE } from './loader.ts'

/** The code of an update that would give a document another `_id`. */
const IMMUTABLE_FIELD = 66

interface Waiting<Doc extends Document> {
  readonly operation: AnyBulkWriteOperation<Doc>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * What each operation of a bulk write met, by its place; undefined when the whole of it failed, so that
 * nothing is known of any: a majority that did not answer in time, a lost connection.
 */
const errorsOf = (error: unknown): Map<number, unknown> | undefined => {
  if (!(error instanceof MongoBulkWriteError)) return undefined
  const met = [error.writeErrors].flat()
  if (met.length === 0 || error.result.getWriteConcernError() !== undefined) return undefined
  return new Map(
    met.map(({ index, code, errmsg = '' }) => [index, new MongoServerError({ code, message: errmsg })]),
  )
}

/**
 * Joins the writes of one turn of the event loop into one unordered bulk write. Each is done or not by
 * itself, and its caller is told of its own error, such as a unique key that is taken; when the whole fails,
 * all are told so. A reply that is lost is asked for again by the driver with the same transaction number:
 * what was done is not done twice, and what was not is tried once more, as with a write of its own. Resolves
 * when a majority has it.
 */
export const createWriter = <Doc extends Document>(
  collection: Collection<Doc>,
): ((operation: AnyBulkWriteOperation<Doc>) => Promise<void>) => {
  let asked: Waiting<Doc>[] = []

  const send = async (batch: readonly Waiting<Doc>[]): Promise<void> => {
    let errors: Map<number, unknown>
    try {
      await collection.bulkWrite(
        batch.map(({ operation }) => operation),
        { ordered: false },
      )
      errors = new Map()
    } catch (error) {
      errors = errorsOf(error) ?? new Map(batch.map((_, index) => [index, error]))
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      if (errors.has(index)) reject(errors.get(index))
      else resolve()
    }
  }

  const flush = (batch: readonly Waiting<Doc>[]): void => {
    if (asked === batch) asked = []
    void send(batch)
  }

  return (operation) =>
    new Promise((resolve, reject) => {
      if (asked.length === 0) setImmediate(flush, asked)
      asked.push({ operation, resolve, reject })
      if (asked.length === MOST_AT_ONCE) asked = []
    })
}

/** A change of one document that is made only if it is as expected. */
export interface ConditionalUpdate<Doc extends Document> {
  /** Names the document by `_id`, and what must be true of it. */
  readonly filter: Filter<Doc> & { readonly _id: string }
  /** Operators and not stages, which cost the server a third more. */
  readonly change: UpdateFilter<Doc>
}

/**
 * Conditional updates that go together and still tell each caller whether its own was made. The server counts
 * what a bulk write has changed, and does not say which; but it says which operations have met an error. So
 * an update that finds no match is made to meet one: it is an upsert that cannot be carried out, because what
 * it would insert is to have another `_id` than the one that it looks for. Nothing is ever inserted by it.
 */
export const createConditionalWriter = <Doc extends Document>(
  collection: Collection<Doc>,
): ((update: ConditionalUpdate<Doc>) => Promise<boolean>) => {
  const write = createWriter(collection)
  return async ({ filter, change }) => {
    const refusal = { $setOnInsert: { _id: `not ${filter._id}` } } as unknown as UpdateFilter<Doc>
    try {
      await write({ updateOne: { filter, update: { ...change, ...refusal }, upsert: true } })
      return true
    } catch (error) {
      if (error instanceof MongoServerError && error.code === IMMUTABLE_FIELD) return false
      throw error
    }
  }
}
