import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores.ts'
import type { Collections, SigningKeyDoc } from './collections.ts'
import { insertedFirst, type Connection } from './connection.ts'

const RESUME_MS = 1000

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

export const createSigningKeyStore = (
  connection: Connection,
  { signingKeys }: Collections,
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

  watch: (changed) => {
    if (!connection.hasChangeStreams) return () => Promise.resolve()
    let timer: NodeJS.Timeout | undefined
    let stopped = false
    let stream = signingKeys.watch()
    const listen = (): void => {
      stream.on('change', () => changed())
      // The driver resumes by itself where it can; where it cannot, a new stream begins and one look covers the gap.
      stream.once('error', () => {
        void stream.close().catch(() => undefined)
        if (stopped) return
        timer = setTimeout(() => {
          stream = signingKeys.watch()
          listen()
          changed()
        }, RESUME_MS).unref()
      })
    }
    listen()
    return async () => {
      stopped = true
      clearTimeout(timer)
      await stream.close()
    }
  },
})
