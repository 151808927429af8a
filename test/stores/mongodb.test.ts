import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { freshDatabase, needsMongod } from '../support/mongo.ts'
import { describeStore } from './store.suite.ts'

needsMongod()

describeStore('mongodb', () => {
  const { uri, drop } = freshDatabase()
  return Promise.resolve({ open: () => openMongoStore(uri), dispose: drop })
})
