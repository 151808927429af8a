import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet, MongoMemoryServer } from 'mongodb-memory-server'
import type { FaultProxy } from './fault-proxy.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { mongodBinary } from './mongo.ts'
import { LAUNCH_MS } from './mongod.ts'

const MEMBERS = 3
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
      count: MEMBERS,
      storageEngine: 'wiredTiger',
      configSettings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS },
    },
    instanceOpts: Array.from({ length: MEMBERS }, () => ({ launchTimeout: LAUNCH_MS })),
  })
  const uri = set.getUri()
  const client = new MongoClient(uri)
  const members = set.servers.flatMap(({ instanceInfo }) => {
    const child = instanceInfo?.instance.mongodProcess
    return child === undefined ? [] : [{ child, address: `:${instanceInfo?.port}` }]
  })
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
      const host = await primary()
      const killed = members.find(({ address }) => host.endsWith(address))
      if (killed?.child.kill('SIGKILL') !== true) throw new Error('the primary is not one of ours')
    },
    signalOthers: (signal, of) => {
      for (const { address, child } of members) if (!of.endsWith(address)) child.kill(signal)
    },
    stop: async () => {
      await client.close()
      // Nobody needs what it holds: in an orderly end each would wait for the others first.
      const kill = async ({ child }: (typeof members)[number]): Promise<void> => {
        const over = once(child, 'exit')
        if (child.kill('SIGKILL')) await over
      }
      await Promise.all(members.map(kill))
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
    instance: { storageEngine: 'wiredTiger', replSet: 'proxied', launchTimeout: LAUNCH_MS },
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
