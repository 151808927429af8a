import type { Document } from 'mongodb'
import { judgeAttempt, type OtpOutcome, type OtpState, type OtpPurpose } from '../../domain/otp.ts'
import type { CodeAttempt, OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import type { Phone } from '../../domain/account.ts'
import { sameMac } from '../crypto/same-mac.ts'
import type { Collections, OtpDoc } from './collections.ts'
import { settling, upserting, type Connection } from './connection.ts'

const idOf = (phone: Phone, purpose: OtpPurpose): string => `${purpose}:${phone}`

/** A literal in an aggregation expression: a value that starts with `$` is not read as a field. */
const literal = ($literal: unknown): Document => ({ $literal })

const toState = (code: OtpDoc): OtpState => ({
  applicationId: code.clientId,
  challengeId: code.challengeId,
  expiresAt: code.expiresAt,
  consumedAt: code.consumedAt,
  tries: code.tries,
  wrongCount: code.wrongCount,
  wrongUntil: code.wrongUntil,
})

/** The code may be evaluated now: what `judgeAttempt` requires, as the condition of the write. */
const evaluable = (a: CodeAttempt) => ({
  _id: idOf(a.phone, a.purpose),
  challengeId: a.challengeId,
  clientId: a.applicationId,
  consumedAt: null,
  expiresAt: { $gt: a.now },
  tries: { $lt: a.maxTries },
  $or: [{ wrongCount: { $lt: a.maxWrong } }, { wrongUntil: { $lte: a.now } }],
})

/** One more wrong evaluation; a window of wrong ones that has passed begins anew. */
const countWrong = ({ now, wrongWindowMs }: CodeAttempt): Document[] => {
  const isWithin = { $lt: [now, '$wrongUntil'] }
  const wrongUntil = { $cond: [isWithin, '$wrongUntil', now + wrongWindowMs] }
  return [
    {
      $set: {
        tries: { $add: ['$tries', 1] },
        wrongCount: { $cond: [isWithin, { $add: ['$wrongCount', 1] }, 1] },
        wrongUntil,
        removableAt: { $max: ['$removableAt', wrongUntil] },
      },
    },
  ]
}

/** The store of one-time codes on MongoDB. */
export const createOtpStore = (connection: Connection, { otps }: Collections): OtpStore => {
  const attempt = (a: CodeAttempt): Promise<OtpOutcome> =>
    settling(async () => {
      const code = (await otps.findOne({ _id: idOf(a.phone, a.purpose) })) ?? undefined
      const outcome = judgeAttempt(
        code && toState(code),
        a,
        () => code !== undefined && sameMac(code.codeMac, a.codeMac),
      )
      if (code === undefined || (outcome.kind !== 'consumed' && outcome.kind !== 'wrong')) return outcome
      const { modifiedCount } =
        outcome.kind === 'wrong'
          ? await otps.updateOne(evaluable(a), countWrong(a))
          : await otps.updateOne(evaluable(a), {
              $set: { consumedAt: a.now, wrongCount: 0, wrongUntil: 0, removableAt: code.expiresAt },
              $unset: { sealedCode: true },
            })
      return modifiedCount === 1 ? outcome : undefined
    })

  const claim = async (code: OtpDoc, until: number): Promise<OtpDelivery[]> => {
    const { modifiedCount } = await otps.updateOne(
      {
        _id: code._id,
        challengeId: code.challengeId,
        deliverAfter: code.deliverAfter,
        sealedCode: { $exists: true },
      },
      { $set: { deliverAfter: until }, $inc: { deliveryAttempts: 1 } },
    )
    if (modifiedCount === 0) return []
    return [
      {
        phone: code.phone as Phone,
        purpose: code.purpose,
        applicationId: code.clientId,
        challengeId: code.challengeId,
        sealedCode: code.sealedCode ?? '',
        expiresAt: code.expiresAt,
        attempts: code.deliveryAttempts,
      },
    ]
  }

  return {
    save: (otp) =>
      connection.run(async () => {
        const isSameRun = { $and: [{ $eq: ['$consumedAt', null] }, { $gt: ['$triesUntil', otp.now] }] }
        const triesUntil = { $cond: [isSameRun, '$triesUntil', otp.expiresAt] }
        const wrongUntil = { $ifNull: ['$wrongUntil', 0] }
        const replacement = {
          phone: literal(otp.phone),
          purpose: literal(otp.purpose),
          clientId: literal(otp.applicationId),
          challengeId: literal(otp.challengeId),
          codeMac: literal(otp.codeMac),
          expiresAt: otp.expiresAt,
          consumedAt: null,
          tries: { $cond: [isSameRun, '$tries', 0] },
          triesUntil,
          wrongCount: { $ifNull: ['$wrongCount', 0] },
          wrongUntil,
          sealedCode: literal(otp.sealedCode),
          deliverAfter: otp.deliverAfter,
          deliveryAttempts: literal(0),
          removableAt: { $max: [otp.expiresAt, triesUntil, wrongUntil] },
        }
        const target = { _id: idOf(otp.phone, otp.purpose) }
        await upserting(() => otps.updateOne(target, [{ $set: replacement }], { upsert: true }))
      }),

    find: (phone, purpose) =>
      connection.run(async () => {
        const code = await otps.findOne(
          { _id: idOf(phone, purpose) },
          { projection: { challengeId: 1, clientId: 1 } },
        )
        return code === null ? undefined : { challengeId: code.challengeId, applicationId: code.clientId }
      }),

    consume: (a) => connection.run(() => attempt(a)),

    claimDeliveries: ({ now, leaseMs, limit }) =>
      connection.run(async () => {
        const due = await otps
          .find({ sealedCode: { $exists: true }, deliverAfter: { $lte: now }, expiresAt: { $gt: now } })
          .sort({ deliverAfter: 1 })
          .limit(limit)
          .toArray()
        const claims = await Promise.all(due.map((code) => claim(code, now + leaseMs)))
        return claims.flat()
      }),

    beginDelivery: ({ phone, purpose, challengeId }) =>
      connection.run(async () => {
        const { modifiedCount } = await otps.updateOne(
          { _id: idOf(phone, purpose), challengeId, sealedCode: { $exists: true } },
          { $unset: { sealedCode: true } },
        )
        return modifiedCount === 1
      }),

    postponeDelivery: ({ phone, purpose, challengeId, sealedCode, retryAt }) =>
      connection.run(async () => {
        await otps.updateOne(
          { _id: idOf(phone, purpose), challengeId, consumedAt: null },
          { $set: { sealedCode, deliverAfter: retryAt } },
        )
      }),
  }
}
