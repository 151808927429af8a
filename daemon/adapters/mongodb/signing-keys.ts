import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores/index.ts'
import { COLLECTION_NAMES, type Collections, type SigningKeyDoc } from './collections.ts'
import { insertedFirst, type Connection } from './connection.ts'
import type { Followed } from './followed.ts'

const toKey = (key: SigningKeyDoc): StoredSigningKey => ({
  kid: key.kid,
  sequence: key.sequence,
  alg: key.alg,
  publicJwk: key.publicJwk,
  sealedPrivateJwk: key.sealedPrivateJwk,
  createdAt: key.createdAt,
  activeFrom: key.activeFrom,
  revokedAt: key.revokedAt,
})

/** The store of signing keys on MongoDB. */
export const createSigningKeyStore = (
  connection: Connection,
  { signingKeys }: Collections,
  followed: Followed,
): SigningKeyStore => ({
  list: () =>
    connection.run(async () =>
      (await signingKeys.find().hint({ _id: 1 }).toArray())
        .map(toKey)
        .sort((a, b) => a.sequence - b.sequence),
    ),

  add: (key) =>
    connection.run(() => insertedFirst(() => signingKeys.insertOne({ _id: String(key.sequence), ...key }))),

  revoke: (kid, now) =>
    connection.run(async () => {
      const key = await signingKeys.findOne({ kid }, { projection: { _id: 1 } })
      if (key === null) return false
      const { modifiedCount } = await signingKeys.updateOne(
        { _id: key._id, revokedAt: null },
        { $set: { revokedAt: now } },
      )
      return modifiedCount === 1
    }),

  watch: (changed) => followed.watch(COLLECTION_NAMES.signingKeys, changed),
})
