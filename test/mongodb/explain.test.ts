import { type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'
import { populateMongo } from '../support/population.ts'
import { exercise } from '../stores/exercise.ts'

const ACCOUNTS = 100_000
const PROFILE_BYTES = 256 * 1024 * 1024

let uri: string
let client: MongoClient
beforeAll(async () => {
  uri = freshDatabase(testMongoUri() ?? '')
  client = new MongoClient(uri)
  await (await openMongoStore(uri)).close()
  await populateMongo(client, [0, ACCOUNTS])
}, 120_000)
afterAll(async () => {
  await client.close()
  await dropDatabase(uri)
})

/**
 * An operation of the profiler as the command that made it; undefined for what reads and writes no documents
 * by a query.
 */
const commandOf = ({ op, ns, command }: Document): Document | undefined => {
  // Too large for the profiler, which still tells its plan: a whole import written down by `_id`.
  if ('$truncated' in (command as Document)) return undefined
  const collection = String(ns).slice(String(ns).indexOf('.') + 1)
  const { lsid: _l, $db: _d, $clusterTime: _c, txnNumber: _t, writeConcern: _w, ...own } = command as Document
  if (op === 'query' || (op === 'command' && 'findAndModify' in own)) return own
  if (op === 'update') {
    const { q, u, multi, upsert } = own
    return { update: collection, updates: [{ q, u, multi: multi ?? false, upsert: upsert ?? false }] }
  }
  if (op === 'remove') return { delete: collection, deletes: [{ q: own['q'], limit: own['limit'] ?? 0 }] }
  return undefined
}

const stagesOf = (plan: Document | undefined): string[] =>
  plan === undefined
    ? []
    : [
        String(plan['stage']),
        ...stagesOf(plan['inputStage']),
        ...((plan['inputStages'] as Document[] | undefined) ?? []).flatMap(stagesOf),
      ]

/** The values taken out, so that the same query with other values is the same. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}

test(
  'every query at 100,000 accounts uses an index and examines at most twice what it returns',
  { timeout: 180_000 },
  async () => {
    const db = client.db()
    // Plans are judged here, and no times.
    const store = await openMongoStore(uri, { verbDeadlineMs: 60_000 })
    await db.createCollection('system.profile', { capped: true, size: PROFILE_BYTES })
    await db.command({ profile: 2 })
    await exercise(store, ACCOUNTS)
    await db.command({ profile: 0 })
    await store.close()

    const profile = await db
      .collection('system.profile')
      .find({ ns: { $not: /system\./ } })
      .toArray()
    const runs = profile.map((ran) => ({ ran, command: commandOf(ran) }))
    const problems: string[] = []
    const shapes = new Set<string>()
    for (const { ran, command } of runs) {
      if (String(ran['planSummary']).includes('COLLSCAN'))
        problems.push(`scanned a collection: ${String(ran['ns'])}`)
      if (command === undefined) continue
      const explained = await db.command({ explain: command, verbosity: 'executionStats' })
      const stats = explained['executionStats'] as Document
      const root = stats['executionStages'] as Document
      const stages = stagesOf(root)
      const text = `${stages.join(' ')}: ${JSON.stringify(command).slice(0, 600)}`
      shapes.add(JSON.stringify(shapeOf(command)))
      if (stages.includes('COLLSCAN')) problems.push(`scans a collection: ${text}`)
      const matched = Math.max(
        ...['nReturned', 'nMatched', 'nWouldModify', 'nWouldDelete'].map((name) => Number(root[name] ?? 0)),
      )
      const wasMatched = Number(ran['nreturned'] ?? ran['nMatched'] ?? ran['ndeleted'] ?? 0)
      const counts = [
        [Number(stats['totalDocsExamined']), matched],
        [Number(ran['docsExamined'] ?? 0), wasMatched],
      ] as const
      for (const [examined, returned] of counts)
        if (examined > 2 * Math.max(returned, 1))
          problems.push(`examines ${examined} for ${returned}: ${text}`)
    }
    expect(problems).toEqual([])
    expect(shapes.size).toBeGreaterThan(40)
  },
)
