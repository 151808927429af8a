import { MongoMemoryServer } from 'mongodb-memory-server'
import type { TestProject } from 'vitest/node'
import build from './global-setup.ts'
import { findMongod } from './mongod.ts'

/** What the suites that need MongoDB are given: one standalone server for all, or why there is none. */
export type MongoForTests =
  { readonly uri: string; readonly binary: string } | { readonly missing: string; readonly uri?: never }

declare module 'vitest' {
  interface ProvidedContext {
    mongo: MongoForTests
  }
}

/**
 * Starts one mongod for the run. Without one, the run fails in CI; elsewhere its suites are skipped and say
 * why.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  build()
  let binary: string
  try {
    binary = await findMongod()
  } catch (error) {
    if (process.env['CI'] !== undefined) throw error
    project.provide('mongo', { missing: (error as Error).message })
    return () => Promise.resolve()
  }
  const server = await MongoMemoryServer.create({
    binary: { systemBinary: binary },
    instance: { storageEngine: 'wiredTiger', args: ['--setParameter', 'ttlMonitorSleepSecs=1'] },
  })
  project.provide('mongo', { uri: server.getUri(), binary })
  return async () => void (await server.stop())
}
