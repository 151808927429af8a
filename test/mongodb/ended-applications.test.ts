import { afterAll, expect, test } from 'vitest'
import { collectionsOf } from '../../daemon/adapters/mongodb/collections.ts'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { aNamedAccount, anApplication } from '../stores/samples.ts'
import { kindOf } from '../stores/store-test.ts'
import { dropDatabase, freshDatabase, onDatabase, testMongoUri } from '../support/mongo.ts'

const uri = freshDatabase(testMongoUri() ?? '')
afterAll(() => dropDatabase(uri))

test('an application that was ended is found by nobody, before its document is deleted and where it never is', async () => {
  const store = await openMongoStore(uri)
  const owner = aNamedAccount('asha')
  await store.accounts.insert(owner)
  const application = anApplication(owner, { policies: ['p/reader'] })
  const { id, version } = application
  await store.applications.insert(application, 1)
  expect(await store.applications.findNaming('p/reader')).toBe(id)
  // As a deletion that was stopped after its first step has left it.
  await onDatabase(uri, (db) =>
    collectionsOf(db).applications.updateOne({ _id: id }, { $set: { endedPath: owner.path } }),
  )
  expect(await store.applications.get(id)).toBeUndefined()
  expect(await store.applications.getOwned(id)).toBeUndefined()
  expect(await store.applications.list({ scope: null, limit: 9 })).toEqual([])
  expect(await store.applications.findNaming('p/reader')).toBeUndefined()
  const renaming = store.applications.update({ id, version, fields: { name: 'x' }, now: 1 })
  expect(await kindOf(renaming)).toBe('not_found')
  await store.applications.insert(anApplication(owner, {}), 1)
  expect(await store.applications.delete(id)).toBe(true)
  await store.close()
})
