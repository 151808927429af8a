import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server'
import type { FaultProxy } from './fault-proxy.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { mongodBinary } from './mongo.ts'

const ELECTION_TIMEOUT_MS = 2000
/** For so long the former primary does not stand for election. */
const STEP_DOWN_SECONDS = 4

/** A replica set of three real servers, and what can be done to it. */
export interface ReplicaSet {
  readonly uri: string
  /** Host and port of the primary, once there is one. */
  readonly primary: () => Promise<string>
  /** Makes the primary step down; another is elected at once. Resolves when it has given up its office. */
  readonly stepDown: () => Promise<void>
  /**
   * Ends the primary with SIGKILL; the others elect a new one after their election timeout of two seconds.
   */
  readonly killPrimary: () => Promise<void>
  /** Stops (SIGSTOP) or continues all but the primary, which then takes writes that no majority has. */
  readonly signalOthers: (signal: 'SIGSTOP' | 'SIGCONT', primary: string) => void
  readonly stop: () => Promise<void>
}

/** Starts three members with wiredTiger and waits for a primary. */
export const startReplicaSet = async (): Promise<ReplicaSet> => {
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary: mongodBinary() },
    replSet: {
      count: 3,
      storageEngine: 'wiredTiger',
      configSettings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS },
    },
  })
  const uri = set.getUri()
  const client = new MongoClient(uri)
  const pidOf = (port: string | undefined): number | undefined =>
    set.servers.find((server) => String(server.instanceInfo?.port) === port)?.instanceInfo?.instance
      .mongodProcess?.pid
  const primary = async (): Promise<string> => {
    const hello = await client.db('admin').command({ hello: 1 })
    return String(hello['me'])
  }
  return {
    uri,
    primary,
    stepDown: async () => {
      const before = await primary()
      // Under load no other member may have caught up in time; then the primary stays, and is asked again.
      const admin = client.db('admin')
      while ((await primary()) === before)
        await admin
          .command({ replSetStepDown: STEP_DOWN_SECONDS, secondaryCatchUpPeriodSecs: 3 })
          .catch(() => undefined)
    },
    killPrimary: async () => {
      const pid = pidOf((await primary()).split(':')[1])
      if (pid === undefined) throw new Error('the primary is not one of ours')
      process.kill(pid, 'SIGKILL')
    },
    signalOthers: (signal, of) => {
      for (const { instanceInfo } of set.servers) {
        const pid = instanceInfo?.instance.mongodProcess?.pid
        if (pid !== undefined && !of.endsWith(`:${instanceInfo?.port}`)) process.kill(pid, signal)
      }
    },
    stop: async () => {
      await client.close()
      await set.stop()
    },
  }
}

/**
 * One server that is a replica set of its own, known to its clients only by the address of a proxy in front
 * of it.
 */
export interface ProxiedServer {
  readonly uri: string
  readonly proxy: FaultProxy
  readonly stop: () => Promise<void>
}

const ELECTION_POLL_MS = 50

export const startProxiedServer = async (): Promise<ProxiedServer> => {
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: mongodBinary() },
    instance: { storageEngine: 'wiredTiger', replSet: 'proxied' },
  })
  const port = server.instanceInfo?.port ?? 0
  const proxy = await startFaultProxy(port)
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  const admin = client.db('admin')
  const members = [{ _id: 0, host: `127.0.0.1:${proxy.port}` }]
  await admin.command({ replSetInitiate: { _id: 'proxied', members } })
  while ((await admin.command({ hello: 1 }))['isWritablePrimary'] !== true) await sleep(ELECTION_POLL_MS)
  await client.close()
  return {
    uri: `mongodb://127.0.0.1:${proxy.port}/?replicaSet=proxied`,
    proxy,
    stop: async () => {
      proxy.pass()
      await proxy.stop()
      await server.stop()
    },
  }
}
