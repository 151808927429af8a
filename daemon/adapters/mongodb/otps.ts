import type { Document } from 'mongodb'
import type { OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import type { Phone } from '../../domain/account.ts'
import { codeId, createCodes } from './codes.ts'
import type { Collections, OtpDoc } from './collections.ts'
import { upserting, type Connection } from './connection.ts'
import { createWriter } from './writer.ts'

/** A literal in an aggregation expression: a value that starts with `$` is not read as a field. */
const literal = ($literal: unknown): Document => ({ $literal })

/** The store of one-time codes on MongoDB. */
export const createOtpStore = (connection: Connection, { otps }: Collections): OtpStore => {
  const codes = createCodes({ otps })
  const write = createWriter(otps)

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
        const filter = { _id: codeId(otp.phone, otp.purpose) }
        await upserting(() => write({ updateOne: { filter, update: [{ $set: replacement }], upsert: true } }))
      }),

    find: (phone, purpose) =>
      connection.run(async () => {
        const code = await codes.read(phone, purpose)
        return code && { challengeId: code.challengeId, applicationId: code.clientId }
      }),

    consume: (a) => connection.run(() => codes.attempt(a)),

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
      connection.run(() =>
        codes.update({
          filter: { _id: codeId(phone, purpose), challengeId, sealedCode: { $exists: true } },
          change: { $unset: { sealedCode: true } },
        }),
      ),

    postponeDelivery: ({ phone, purpose, challengeId, sealedCode, retryAt }) =>
      connection.run(async () => {
        await otps.updateOne(
          { _id: codeId(phone, purpose), challengeId, consumedAt: null },
          { $set: { sealedCode, deliverAfter: retryAt } },
        )
      }),
  }
}
