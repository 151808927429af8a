import { beforeAll } from 'vitest'
import { describeLocalDecisions, startLocalHome, type LocalHome } from '../support/local-suite.ts'

let home: LocalHome
beforeAll(async () => void (home = await startLocalHome({})))
// The last test stops the daemon.
describeLocalDecisions(() => home)
