import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores.ts'
import type { Collections, SigningKeyDoc } from './collections.ts'
import { upserting, type Connection } from './connection.ts'

const toKey = ({ kid, alg, publicJwk, sealedPrivateJwk, createdAt }: SigningKeyDoc): StoredSigningKey => ({
  kid,
  alg,
  publicJwk,
  sealedPrivateJwk,
  createdAt,
})

export const createSigningKeyStore = (
  connection: Connection,
  { signingKeys }: Collections,
): SigningKeyStore => ({
  getOrInsert: (candidate) =>
    connection.run(async () => {
      const key = await upserting(() =>
        signingKeys.findOneAndUpdate(
          { _id: 'current' },
          { $setOnInsert: { ...candidate } },
          { upsert: true, returnDocument: 'after' },
        ),
      )
      return key === null ? candidate : toKey(key)
    }),
  get: () =>
    connection.run(async () => {
      const key = await signingKeys.findOne({ _id: 'current' })
      return key === null ? undefined : toKey(key)
    }),
})
