import type { Phone } from '../../domain/account.ts'
import { judgeAttempt, type OtpOutcome, type OtpPurpose, type OtpState } from '../../domain/otp.ts'
import type { CodeAttempt, DeliveryTarget, OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import type { Database } from './database.ts'
import { sameMac } from '../crypto/same-mac.ts'

interface OtpRow {
  phone: Phone
  purpose: OtpPurpose
  client_id: string
  challenge_id: string
  code_mac: string
  expires_at: number
  consumed_at: number | null
  tries: number
  wrong_count: number
  wrong_until: number
  sealed_code: string | null
  delivery_attempts: number
}

const toDelivery = (row: OtpRow): OtpDelivery[] =>
  row.sealed_code === null
    ? []
    : [
        {
          phone: row.phone,
          purpose: row.purpose,
          applicationId: row.client_id,
          challengeId: row.challenge_id,
          sealedCode: row.sealed_code,
          expiresAt: row.expires_at,
          attempts: row.delivery_attempts - 1,
        },
      ]

const toKey = ({ phone, purpose, challengeId }: DeliveryTarget) => ({
  phone,
  purpose,
  challenge_id: challengeId,
})

const toState = (row: OtpRow): OtpState => ({
  applicationId: row.client_id,
  challengeId: row.challenge_id,
  expiresAt: row.expires_at,
  consumedAt: row.consumed_at,
  tries: row.tries,
  wrongCount: row.wrong_count,
  wrongUntil: row.wrong_until,
})

const SAVE = `
  INSERT INTO otps VALUES (:phone, :purpose, :client_id, :challenge_id, :code_mac, :expires_at, NULL, 0, :expires_at, 0, 0, :sealed_code,
    :deliver_after, 0)
  ON CONFLICT (phone, purpose) DO UPDATE SET
    client_id = excluded.client_id, challenge_id = excluded.challenge_id, code_mac = excluded.code_mac,
    expires_at = excluded.expires_at, sealed_code = excluded.sealed_code, deliver_after = excluded.deliver_after, delivery_attempts = 0,
    tries = CASE WHEN consumed_at IS NULL AND tries_until > :now THEN tries ELSE 0 END,
    tries_until = CASE WHEN consumed_at IS NULL AND tries_until > :now THEN tries_until ELSE excluded.expires_at END,
    consumed_at = NULL`

/** Attempts at codes, for use inside `write`. */
export const createCodeAttempts = (db: Database) => {
  const current = db.writing('SELECT * FROM otps WHERE phone = :phone AND purpose = :purpose')
  const markConsumed = db.writing(
    `UPDATE otps SET consumed_at = :now, sealed_code = NULL, wrong_count = 0, wrong_until = 0
     WHERE phone = :phone AND purpose = :purpose AND challenge_id = :challenge_id AND consumed_at IS NULL AND tries < :max`,
  )
  const countWrong = db.writing(
    `UPDATE otps SET tries = tries + 1, wrong_count = :wrong_count, wrong_until = :wrong_until
     WHERE phone = :phone AND purpose = :purpose AND challenge_id = :challenge_id`,
  )

  const countOne = (row: OtpRow, a: CodeAttempt): void => {
    const isWithin = a.now < row.wrong_until
    countWrong.run({
      phone: a.phone,
      purpose: a.purpose,
      challenge_id: a.challengeId,
      wrong_count: isWithin ? row.wrong_count + 1 : 1,
      wrong_until: isWithin ? row.wrong_until : a.now + a.wrongWindowMs,
    })
  }

  const read = ({ phone, purpose }: Pick<CodeAttempt, 'phone' | 'purpose'>): OtpRow | undefined =>
    current.get<OtpRow>({ phone, purpose })

  const settle = (row: OtpRow | undefined, a: CodeAttempt): OtpOutcome => {
    const outcome = judgeAttempt(
      row && toState(row),
      a,
      () => row !== undefined && sameMac(row.code_mac, a.codeMac),
    )
    if (row !== undefined && outcome.kind === 'wrong') countOne(row, a)
    if (outcome.kind === 'consumed') {
      const changed = markConsumed.run({
        phone: a.phone,
        purpose: a.purpose,
        challenge_id: a.challengeId,
        now: a.now,
        max: a.maxTries,
      })
      if (changed !== 1) return { kind: 'absent' }
    }
    return outcome
  }

  return {
    /** At the code of the challenge that it names. */
    atNamed: (a: CodeAttempt): OtpOutcome => settle(read(a), a),

    /** At the present code of a phone; undefined: it has none. */
    atPresent: (
      a: Omit<CodeAttempt, 'challengeId' | 'codeMac'>,
      macOf: (challengeId: string) => string,
    ): OtpOutcome | undefined => {
      const row = read(a)
      if (row === undefined) return undefined
      const challengeId = row.challenge_id
      return settle(row, { ...a, challengeId, codeMac: macOf(challengeId) })
    },
  }
}

/** The store of one-time codes on SQLite. */
export const createOtpStore = (db: Database): OtpStore => {
  const attempts = createCodeAttempts(db)
  const save = db.writing(SAVE)
  // Expired codes that nobody delivered lose their sealed code here, so that no later claim meets them again.
  const claim = db.writing(
    `UPDATE otps SET deliver_after = :until, delivery_attempts = delivery_attempts + 1,
       sealed_code = CASE WHEN expires_at > :now THEN sealed_code END
     WHERE (phone, purpose) IN (SELECT phone, purpose FROM otps
       WHERE sealed_code IS NOT NULL AND deliver_after <= :now ORDER BY deliver_after LIMIT :limit)
     RETURNING *`,
  )
  const takeOut = db.writing(
    `UPDATE otps SET sealed_code = NULL WHERE phone = :phone AND purpose = :purpose AND challenge_id = :challenge_id
     AND sealed_code IS NOT NULL`,
  )
  const putBack = db.writing(
    `UPDATE otps SET sealed_code = :sealed_code, deliver_after = :retry_at
     WHERE phone = :phone AND purpose = :purpose AND challenge_id = :challenge_id AND consumed_at IS NULL`,
  )
  const find = db.reading(
    'SELECT challenge_id, client_id FROM otps WHERE phone = :phone AND purpose = :purpose',
  )
  const due = db.reading('SELECT 1 FROM otps WHERE sealed_code IS NOT NULL AND deliver_after <= :now LIMIT 1')

  return {
    save: (otp) =>
      db.write(() => {
        save.run({
          phone: otp.phone,
          purpose: otp.purpose,
          client_id: otp.applicationId,
          challenge_id: otp.challengeId,
          code_mac: otp.codeMac,
          now: otp.now,
          expires_at: otp.expiresAt,
          sealed_code: otp.sealedCode,
          deliver_after: otp.deliverAfter,
        })
      }),

    find: (phone, purpose) =>
      db.read(() => {
        const row = find.get<Pick<OtpRow, 'challenge_id' | 'client_id'>>({ phone, purpose })
        return row && { challengeId: row.challenge_id, applicationId: row.client_id }
      }),

    consume: (a) => db.write(() => attempts.atNamed(a)),

    claimDeliveries: async ({ now, leaseMs, limit }) => {
      for (;;) {
        if ((await db.read(() => due.get({ now }))) === undefined) return []
        const rows = await db.write(() => claim.all<OtpRow>({ now, until: now + leaseMs, limit }))
        const live = rows.flatMap(toDelivery)
        if (live.length > 0 || rows.length === 0) return live
      }
    },

    beginDelivery: (target) => db.write(() => takeOut.run(toKey(target)) === 1),

    postponeDelivery: ({ sealedCode, retryAt, ...target }) =>
      db.write(() => {
        putBack.run({ ...toKey(target), sealed_code: sealedCode, retry_at: retryAt })
      }),
  }
}
