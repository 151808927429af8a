import { afterAll, beforeAll } from 'vitest'
import { freshDatabase } from '../support/mongo.ts'
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
// The last test stops the daemon.
describeLocalDecisions(() => home)
