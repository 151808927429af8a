import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet } from 'mongodb-memory-server'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { openSqliteStore } from '../../daemon/adapters/sqlite/store.ts'
import { freshDatabase } from '../support/mongo.ts'
import { findMongod } from '../support/mongod.ts'
import { populateMongo, populateStore } from '../support/population.ts'
import { cpuSecondsOf, startDaemon, startWorker, type BenchDaemon } from './children.ts'

export type StoreName = 'SQLite' | 'MongoDB'

/** Daemons on one store of their own. */
export interface Backend {
  readonly urls: readonly string[]
  readonly dataDir: string
  /** Seconds of processor time since the start: of the daemons, and of the database server they share. */
  readonly cpuSeconds: () => { readonly daemons: number; readonly database: number }
  /** What the daemons have together; NaN of the peer. */
  readonly residentMb: () => number
  readonly stop: () => Promise<void>
}

export interface BackendPlan {
  readonly daemons: number
  /** Accounts that are there before the start, with one session each. */
  readonly accounts?: number
  /** What accounts have that sign in by password. */
  readonly passwordHash?: string
  readonly nodeFlags?: readonly string[]
  /** Where the daemons were built; this checkout, if it is not said. */
  readonly checkout?: string | undefined
}

/**
 * Starts daemons on a store. MongoDB is a server of their own, a replica set of one member: majority and
 * journal hold, nothing is sent, and the daemons of others follow no changes there.
 */
export interface Backends {
  readonly start: (store: StoreName, plan: BackendPlan) => Promise<Backend>
  /** The peer, better-auth, on SQLite. */
  readonly startPeer: () => Promise<Backend>
}

/** A database server, its processor time, and its end; the embedded store has none. */
interface Server {
  readonly settings: { readonly MONGO_DB_URI?: string }
  readonly cpuSeconds: () => number
  readonly stop: () => Promise<unknown>
}

const EMBEDDED: Server = { settings: {}, cpuSeconds: () => 0, stop: () => Promise.resolve() }

const startMongod = async (systemBinary: string): Promise<Server> => {
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary },
    replSet: { count: 1, storageEngine: 'wiredTiger' },
  })
  const pid = set.servers[0]?.instanceInfo?.instance.mongodProcess?.pid
  return {
    settings: { MONGO_DB_URI: freshDatabase(set.getUri()) },
    cpuSeconds: () => cpuSecondsOf(pid),
    stop: () => set.stop(),
  }
}

const populate = async (
  { MONGO_DB_URI }: { MONGO_DB_URI?: string },
  dataDir: string,
  { accounts = 0, passwordHash }: BackendPlan,
): Promise<void> => {
  if (accounts === 0) return
  if (MONGO_DB_URI === undefined) {
    const store = openSqliteStore(join(dataDir, 'authctl.db'))
    await populateStore(store, [0, accounts], passwordHash)
    await store.close()
    return
  }
  await (await openMongoStore(MONGO_DB_URI)).close()
  const client = new MongoClient(MONGO_DB_URI)
  await populateMongo(client, [0, accounts], passwordHash)
  // What it writes to the files of itself, for so many, is no work of what is measured next.
  await client.db('admin').command({ fsync: 1 })
  await client.close()
}

export const createBackends = async (): Promise<Backends> => {
  const systemBinary = await findMongod()
  const newDirectory = (): string => mkdtempSync(join(tmpdir(), 'authctl-bench-store-'))
  return {
    startPeer: async () => {
      const dataDir = newDirectory()
      const peer = await startWorker('peer.ts', [dataDir])
      return {
        urls: [(peer.greeting as { url: string }).url],
        dataDir,
        cpuSeconds: () => ({ daemons: cpuSecondsOf(peer.pid), database: 0 }),
        residentMb: () => NaN,
        stop: async () => {
          peer.stop()
          await peer.ended
          rmSync(dataDir, { recursive: true, force: true })
        },
      }
    },
    start: async (store, plan) => {
      const dataDir = newDirectory()
      const server = store === 'MongoDB' ? await startMongod(systemBinary) : EMBEDDED
      await populate(server.settings, dataDir, plan)
      const settings = { AUTHCTL_DATA_DIR: dataDir, ...server.settings }
      const daemons: BenchDaemon[] = []
      for (let index = 0; index < plan.daemons; index++)
        daemons.push(await startDaemon(plan.nodeFlags, settings, plan.checkout))
      return {
        urls: daemons.map(({ url }) => url),
        dataDir,
        cpuSeconds: () => ({
          daemons: daemons.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0),
          database: server.cpuSeconds(),
        }),
        residentMb: () => daemons.reduce((sum, { residentMb }) => sum + residentMb(), 0),
        stop: async () => {
          await Promise.all(daemons.map((daemon) => daemon.stop()))
          await server.stop()
          rmSync(dataDir, { recursive: true, force: true })
        },
      }
    },
  }
}
