import type { Document } from 'mongodb'
import { judgeAttempt, type OtpOutcome, type OtpState, type OtpPurpose } from '../../domain/otp.ts'
import type { CodeAttempt, OtpDelivery, OtpStore } from '../../ports/stores/index.ts'
import type { Phone } from '../../domain/account.ts'
import { sameMac } from '../crypto/same-mac.ts'
import type { Collections, OtpDoc } from './collections.ts'
import { settling, upserting, type Connection } from './connection.ts'
import { createDocumentLoader } from './loader.ts'
import { createConditionalWriter, createWriter } from './writer.ts'

/** Codes that were looked for and are about to be tried. */
const MOST_SOUGHT = 1000

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

const consume = ({ now }: CodeAttempt): Document[] => [
  { $set: { consumedAt: now, wrongCount: 0, wrongUntil: 0, removableAt: '$expiresAt' } },
  { $unset: 'sealedCode' },
]

/** The store of one-time codes on MongoDB. */
export const createOtpStore = (connection: Connection, { otps }: Collections): OtpStore => {
  const read = createDocumentLoader(otps, {}, (doc) => doc)
  const write = createWriter(otps)
  const update = createConditionalWriter(otps, 'codeMac')
  /** By challenge, the code as `find` has read it for the attempt that follows. */
  const sought = new Map<string, OtpDoc>()

  const seek = (code: OtpDoc): void => {
    const oldest = sought.keys().next().value
    if (sought.size >= MOST_SOUGHT && oldest !== undefined) sought.delete(oldest)
    sought.set(code.challengeId, code)
  }

  const judge = (a: CodeAttempt, code: OtpDoc | undefined): OtpOutcome =>
    judgeAttempt(code && toState(code), a, () => code !== undefined && sameMac(code.codeMac, a.codeMac))

  /** Makes an outcome so by a write that requires what was judged; undefined: it is no longer so. */
  const settle = async (a: CodeAttempt, outcome: OtpOutcome): Promise<OtpOutcome | undefined> => {
    if (outcome.kind !== 'consumed' && outcome.kind !== 'wrong') return outcome
    const change = outcome.kind === 'wrong' ? countWrong(a) : consume(a)
    return (await update({ filter: evaluable(a), change })) ? outcome : undefined
  }

  /**
   * What `find` has read a moment ago only says which write to try: that requires again all that may have
   * changed, and a challenge has one code for ever. Every other outcome is judged by what is read now.
   */
  const attempt = async (a: CodeAttempt): Promise<OtpOutcome> => {
    const found = sought.get(a.challengeId)
    sought.delete(a.challengeId)
    const expected = found && judge(a, found)
    if (expected?.kind === 'consumed' || expected?.kind === 'wrong') {
      const settled = await settle(a, expected)
      if (settled !== undefined) return settled
    }
    return settling(async () => settle(a, judge(a, await read(idOf(a.phone, a.purpose)))))
  }

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
        const filter = { _id: idOf(otp.phone, otp.purpose) }
        await upserting(() => write({ updateOne: { filter, update: [{ $set: replacement }], upsert: true } }))
      }),

    find: (phone, purpose) =>
      connection.run(async () => {
        const code = await read(idOf(phone, purpose))
        if (code === undefined) return undefined
        seek(code)
        return { challengeId: code.challengeId, applicationId: code.clientId }
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
      connection.run(() =>
        update({
          filter: { _id: idOf(phone, purpose), challengeId, sealedCode: { $exists: true } },
          change: [{ $unset: 'sealedCode' }],
        }),
      ),

    postponeDelivery: ({ phone, purpose, challengeId, sealedCode, retryAt }) =>
      connection.run(async () => {
        await otps.updateOne(
          { _id: idOf(phone, purpose), challengeId, consumedAt: null },
          { $set: { sealedCode, deliverAfter: retryAt } },
        )
      }),
  }
}
