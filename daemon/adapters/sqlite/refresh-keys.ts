import type { AccountId } from '../../domain/account.ts'
import type { RefreshKeyOutcome, RefreshKeyStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { sameMac } from '../crypto/same-mac.ts'

interface RefreshKeyRow {
  epoch: number
  mac: string
  wrong_tries: number
}

/** Clears the wrong tries at the key of an account, for use inside `write`. */
export const createUnlock = (db: Database): ((id: AccountId) => void) => {
  const clear = db.writing(
    'UPDATE refresh_keys SET wrong_tries = 0 WHERE account_id = :id AND wrong_tries > 0',
  )
  return (id) => void clear.run({ id })
}

/** The store of refresh keys on SQLite. */
export const createRefreshKeyStore = (db: Database): RefreshKeyStore => {
  const current = db.writing('SELECT * FROM refresh_keys WHERE account_id = :id')
  const put = db.writing(
    `INSERT INTO refresh_keys VALUES (:id, :epoch, :mac, 0, :now)
     ON CONFLICT (account_id) DO UPDATE SET epoch = excluded.epoch, mac = excluded.mac, wrong_tries = 0, set_at = excluded.set_at`,
  )
  const countTry = db.writing('UPDATE refresh_keys SET wrong_tries = wrong_tries + 1 WHERE account_id = :id')
  const clear = createUnlock(db)
  const lockedOrTried = db.reading('SELECT 1 FROM refresh_keys WHERE account_id = :id AND wrong_tries > 0')

  const attempt = (id: AccountId, epoch: number, mac: string, maxTries: number): RefreshKeyOutcome => {
    const row = current.get<RefreshKeyRow>({ id })
    if (!row || row.epoch !== epoch) return 'absent'
    if (row.wrong_tries >= maxTries) return 'locked'
    if (sameMac(row.mac, mac)) {
      clear(id)
      return 'ok'
    }
    countTry.run({ id })
    return 'wrong'
  }

  return {
    set: ({ accountId, epoch, mac, oldMac, maxTries, now }) =>
      db.write(() => {
        const row = current.get<RefreshKeyRow>({ id: accountId })
        if (row && row.epoch === epoch) {
          if (oldMac === null) return 'absent'
          const outcome = attempt(accountId, epoch, oldMac, maxTries)
          if (outcome !== 'ok') return outcome
        }
        put.run({ id: accountId, epoch, mac, now })
        return 'ok'
      }),

    verify: ({ accountId, epoch, mac, maxTries }) => db.write(() => attempt(accountId, epoch, mac, maxTries)),

    unlock: async (accountId) => {
      if (await db.read(() => lockedOrTried.get({ id: accountId }))) await db.write(() => clear(accountId))
    },
  }
}
