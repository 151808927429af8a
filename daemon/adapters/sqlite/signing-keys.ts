import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { recordTable, type Row } from './record-table.ts'

const SIGNING_KEYS = recordTable<StoredSigningKey>('signing_keys', {
  kid: 'kid',
  sequence: 'sequence',
  alg: 'alg',
  publicJwk: 'public_jwk',
  sealedPrivateJwk: 'sealed_private_jwk',
  createdAt: 'created_at',
  activeFrom: 'active_from',
  revokedAt: 'revoked_at',
})

/** The store of signing keys on SQLite. */
export const createSigningKeyStore = (db: Database): SigningKeyStore => {
  const list = db.reading('SELECT * FROM signing_keys ORDER BY sequence')
  const insert = db.writing(`${SIGNING_KEYS.insert} ON CONFLICT (sequence) DO NOTHING`)
  const revoke = db.writing(
    'UPDATE signing_keys SET revoked_at = :now WHERE kid = :kid AND revoked_at IS NULL',
  )

  return {
    list: () => db.read(() => list.all<Row>().map(SIGNING_KEYS.toRecord)),
    add: (key) => db.write(() => insert.run(SIGNING_KEYS.toValues(key)) === 1),
    revoke: (kid, now) => db.write(() => revoke.run({ kid, now }) === 1),
    // SQLite tells other processes nothing.
    watch: () => () => Promise.resolve(),
  }
}
