import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'

interface SigningKeyRow {
  kid: string
  sequence: number
  public_jwk: string
  sealed_private_jwk: string
  created_at: number
  active_from: number
  revoked_at: number | null
}

const toSigningKey = (row: SigningKeyRow): StoredSigningKey => ({
  kid: row.kid,
  sequence: row.sequence,
  alg: 'EdDSA',
  publicJwk: row.public_jwk,
  sealedPrivateJwk: row.sealed_private_jwk,
  createdAt: row.created_at,
  activeFrom: row.active_from,
  revokedAt: row.revoked_at,
})

export const createSigningKeyStore = (db: Database): SigningKeyStore => {
  const list = db.reading('SELECT * FROM signing_keys ORDER BY sequence')
  const insert = db.writing(
    `INSERT INTO signing_keys (kid, sequence, alg, public_jwk, sealed_private_jwk, created_at, active_from, revoked_at)
     VALUES (:kid, :sequence, :alg, :public_jwk, :sealed_private_jwk, :created_at, :active_from, :revoked_at)
     ON CONFLICT (sequence) DO NOTHING`,
  )
  const revoke = db.writing(
    'UPDATE signing_keys SET revoked_at = :now WHERE kid = :kid AND revoked_at IS NULL',
  )

  return {
    list: () => db.read(() => list.all<SigningKeyRow>().map(toSigningKey)),
    add: (key) =>
      db.write(
        () =>
          insert.run({
            kid: key.kid,
            sequence: key.sequence,
            alg: key.alg,
            public_jwk: key.publicJwk,
            sealed_private_jwk: key.sealedPrivateJwk,
            created_at: key.createdAt,
            active_from: key.activeFrom,
            revoked_at: key.revokedAt,
          }) === 1,
      ),
    revoke: (kid, now) => db.write(() => revoke.run({ kid, now }) === 1),
    // SQLite tells other processes nothing.
    watch: () => () => Promise.resolve(),
  }
}
