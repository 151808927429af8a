import { MongoClient, MongoServerError, type Collection } from 'mongodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { DUPLICATE_KEY } from '../../daemon/adapters/mongodb/connection.ts'
import { createDocumentLoader } from '../../daemon/adapters/mongodb/loader.ts'
import { createConditionalWriter, createWriter } from '../../daemon/adapters/mongodb/writer.ts'
import { freshDatabase, testMongoUri } from '../support/mongo.ts'

interface Doc {
  readonly _id: string
  readonly owner: string
  readonly count: number
}

/** More than one batch has. */
const MANY = 700

let client: MongoClient
let docs: Collection<Doc>
beforeAll(async () => {
  client = new MongoClient(freshDatabase(testMongoUri() ?? ''))
  docs = client.db().collection<Doc>('docs')
  await client.db().createCollection('docs', { validator: { owner: { $ne: 'nobody' } } })
})
afterEach(async () => void (await docs.deleteMany({})))
afterAll(async () => {
  await client.db().dropDatabase()
  await client.close()
})

const named = (n: number): Doc => ({ _id: `d${n}`, owner: 'asha', count: 0 })

describe('writes that go together', () => {
  test('each caller is told of its own: a key that is taken and a document that is refused are nobody else’s', async () => {
    const write = createWriter(docs)
    await docs.insertOne(named(3))
    const outcomes = await Promise.allSettled(
      Array.from({ length: MANY }, (_, n) =>
        write({ insertOne: { document: n === 5 ? { ...named(n), owner: 'nobody' } : named(n) } }),
      ),
    )
    const failed = outcomes.flatMap((outcome, n) =>
      outcome.status === 'rejected' && outcome.reason instanceof MongoServerError
        ? [[n, outcome.reason.code] as const]
        : [],
    )
    expect(failed).toEqual([
      [3, DUPLICATE_KEY],
      [5, 121],
    ])
    expect(await docs.countDocuments()).toBe(MANY - 1)
  })

  test('a conditional update says whether it was made, and inserts nothing where there is no document', async () => {
    const update = createConditionalWriter(docs)
    await docs.insertMany([named(0), named(1)])
    const raise = (id: string, from: number) =>
      update({ filter: { _id: id, count: from }, change: { $set: { count: from + 1 } } })
    const outcomes = await Promise.all([
      raise('d0', 0),
      raise('d0', 0),
      raise('d1', 7),
      raise('absent', 0),
      raise('d0', 1),
      raise('d1', 0),
    ])
    expect(outcomes).toEqual([true, false, false, false, true, true])
    expect(await docs.find().sort({ _id: 1 }).toArray()).toEqual([
      { ...named(0), count: 2 },
      { ...named(1), count: 1 },
    ])
  })

  test('of a thousand at one document one is made', async () => {
    const update = createConditionalWriter(docs)
    await docs.insertOne(named(0))
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, () =>
        update({ filter: { _id: 'd0', count: 0 }, change: { $set: { count: 1 } } }),
      ),
    )
    expect(outcomes.filter(Boolean)).toHaveLength(1)
  })
})

describe('reads that go together', () => {
  test('more than the server sends at first come in one piece, and what is not there is so', async () => {
    const load = createDocumentLoader(docs, {}, ({ _id }) => _id)
    await docs.insertMany(Array.from({ length: MANY }, (_, n) => named(n)))
    const ids = Array.from({ length: MANY + 1 }, (_, n) => `d${n}`)
    expect(await Promise.all(ids.map((id) => load(id)))).toEqual([...ids.slice(0, MANY), undefined])
  })
})
