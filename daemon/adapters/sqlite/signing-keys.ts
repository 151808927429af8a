import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores.ts'
import type { Database } from './database.ts'

interface SigningKeyRow {
  kid: string
  public_jwk: string
  sealed_private_jwk: string
  created_at: number
}

const toSigningKey = (row: SigningKeyRow): StoredSigningKey => ({
  kid: row.kid,
  alg: 'EdDSA',
  publicJwk: row.public_jwk,
  sealedPrivateJwk: row.sealed_private_jwk,
  createdAt: row.created_at,
})

const OLDEST = 'SELECT * FROM signing_keys ORDER BY created_at, kid LIMIT 1'

export const createSigningKeyStore = (db: Database): SigningKeyStore => {
  const current = db.writing(OLDEST)
  const insert = db.writing(
    'INSERT INTO signing_keys VALUES (:kid, :alg, :public_jwk, :sealed_private_jwk, :created_at)',
  )
  const read = db.reading(OLDEST)

  return {
    getOrInsert: (candidate) =>
      db.write(() => {
        const row = current.get<SigningKeyRow>()
        if (row) return toSigningKey(row)
        insert.run({
          kid: candidate.kid,
          alg: candidate.alg,
          public_jwk: candidate.publicJwk,
          sealed_private_jwk: candidate.sealedPrivateJwk,
          created_at: candidate.createdAt,
        })
        return candidate
      }),
    get: () =>
      db.read(() => {
        const row = read.get<SigningKeyRow>()
        return row && toSigningKey(row)
      }),
  }
}
