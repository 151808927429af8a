import { beforeEach, inject } from 'vitest'

/**
 * Runs before each file of the MongoDB project: tells the support code which server to use, or skips the
 * tests and says why there is none.
 */
const mongo = inject('mongo')
if (mongo.uri === undefined) beforeEach((context) => context.skip(mongo.missing))
else {
  process.env['TEST_MONGO_URI'] = mongo.uri
  process.env['TEST_MONGOD'] = mongo.binary
}
