import { afterAll, beforeAll } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { startProxiedServer, type ProxiedServer } from '../support/replica-set.ts'
import { dropDatabase, freshDatabase } from '../support/mongo.ts'
import { createStoreTest, PATIENT_MS } from '../stores/store-test.ts'
import { describeChanges } from '../stores/suites/changes.ts'

let server: ProxiedServer
beforeAll(async () => void (server = await startProxiedServer()))
afterAll(() => server.stop())

describeChanges(
  createStoreTest(() => {
    const uri = freshDatabase(server.uri)
    return Promise.resolve({
      open: () => openMongoStore(uri, { verbDeadlineMs: PATIENT_MS }),
      dispose: async () => void (await dropDatabase(uri)),
    })
  }),
)
