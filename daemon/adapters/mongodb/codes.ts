import type { Document } from 'mongodb'
import { judgeAttempt, type OtpOutcome, type OtpPurpose, type OtpState } from '../../domain/otp.ts'
import type { Phone } from '../../domain/account.ts'
import type { CodeAttempt } from '../../ports/stores/index.ts'
import { sameMac } from '../crypto/same-mac.ts'
import type { Collections, OtpDoc } from './collections.ts'
import { settling } from './connection.ts'
import { createDocumentLoader } from './loader.ts'
import { createConditionalWriter } from './writer.ts'

/** The `_id` of the code of a phone. */
export const codeId = (phone: Phone, purpose: OtpPurpose): string => `${purpose}:${phone}`

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
  _id: codeId(a.phone, a.purpose),
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

const judge = (a: CodeAttempt, code: OtpDoc | undefined): OtpOutcome =>
  judgeAttempt(code && toState(code), a, () => code !== undefined && sameMac(code.codeMac, a.codeMac))

/** Reads codes, and tries them: what goes on in one turn of the event loop goes together. */
export const createCodes = ({ otps }: Pick<Collections, 'otps'>) => {
  const load = createDocumentLoader(otps, {}, (doc) => doc)
  const update = createConditionalWriter(otps, 'codeMac')

  const read = (phone: Phone, purpose: OtpPurpose): Promise<OtpDoc | undefined> =>
    load(codeId(phone, purpose))

  /** Makes an outcome so by a write that requires what was judged; undefined: it is no longer so. */
  const settle = async (a: CodeAttempt, outcome: OtpOutcome): Promise<OtpOutcome | undefined> => {
    if (outcome.kind !== 'consumed' && outcome.kind !== 'wrong') return outcome
    const change = outcome.kind === 'wrong' ? countWrong(a) : consume(a)
    return (await update({ filter: evaluable(a), change })) ? outcome : undefined
  }

  /** `OtpStore.consume`. */
  const attempt = (a: CodeAttempt): Promise<OtpOutcome> =>
    settling(async () => settle(a, judge(a, await read(a.phone, a.purpose))))

  return {
    read,
    attempt,
    update,

    /** Whether an attempt would consume a code as it was read: then only a rival can come before it. */
    isRight: (a: CodeAttempt, found: OtpDoc): boolean => judge(a, found).kind === 'consumed',

    /**
     * The same attempt at a code that was read a moment ago. That only says which write to try: it requires
     * again all that may have changed, and a challenge has one code for ever. Every other outcome is judged
     * by what is read now.
     */
    attemptAt: async (a: CodeAttempt, found: OtpDoc): Promise<OtpOutcome> => {
      const expected = judge(a, found)
      const isWritten = expected.kind === 'consumed' || expected.kind === 'wrong'
      return (isWritten ? await settle(a, expected) : undefined) ?? attempt(a)
    },
  }
}
