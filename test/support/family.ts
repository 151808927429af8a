import { afterAll, beforeAll } from 'vitest'
import { createFamily, type Family } from './accounts.ts'
import type { Api } from './api.ts'
import { startTestDaemon, type TestDaemon } from './in-process.ts'

/** A daemon of a suite with a super-admin, an admin, its client and the client's sub-client. */
export interface FamilyHome {
  readonly daemon: TestDaemon
  readonly api: Api
  readonly family: Family
}

/**
 * Starts a daemon with a family before the tests of a file or block, hands it over, and stops it after them.
 */
export const useFamily = (
  settings: Parameters<typeof startTestDaemon>[0],
  take: (home: FamilyHome) => void,
  held?: Parameters<typeof startTestDaemon>[1],
): void => {
  let daemon: TestDaemon | undefined
  beforeAll(async () => {
    daemon = await startTestDaemon(settings, held)
    take({ daemon, api: daemon.api, family: await createFamily(daemon) })
  })
  afterAll(() => daemon?.stop())
}
