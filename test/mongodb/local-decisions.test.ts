import { afterAll, beforeAll } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { createStoreTest, PATIENT_MS } from '../stores/store-test.ts'
import { describeChanges } from '../stores/suites/changes.ts'
import { dropDatabase, freshDatabase } from '../support/mongo.ts'
import { startProxiedServer, type ProxiedServer } from '../support/replica-set.ts'
import { describeLocalDecisions, startLocalHome, type LocalHome } from '../support/local-suite.ts'

// The server of the run tells of no changes: it is a standalone one.
let server: ProxiedServer
let home: LocalHome
beforeAll(async () => {
  server = await startProxiedServer()
  home = await startLocalHome({ MONGO_DB_URI: freshDatabase(server.uri) })
})
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

// The last test stops the daemon.
describeLocalDecisions(() => home)
