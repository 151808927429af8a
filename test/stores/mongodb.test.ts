import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { dropDatabase, freshDatabase, testMongoUri } from '../support/mongo.ts'
import { PATIENT_MS } from './store-test.ts'
import { describeStore } from './store.suite.ts'

describeStore(
  'mongodb',
  () => {
    const uri = freshDatabase(testMongoUri() ?? '')
    return Promise.resolve({
      open: () => openMongoStore(uri, { verbDeadlineMs: PATIENT_MS }),
      dispose: async () => void (await dropDatabase(uri)),
    })
  },
  // The server of the run is a standalone one.
  { tellsOfChanges: false },
)
