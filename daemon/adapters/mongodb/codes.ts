import type { UpdateFilter } from 'mongodb'
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

/** Whether the window of wrong evaluations has not passed. */
const isWithin = ({ now }: CodeAttempt, { wrongUntil }: OtpDoc): boolean => now < wrongUntil

/**
 * The code may be evaluated now: what `judgeAttempt` requires, as the condition of the write, with the window
 * of wrong evaluations that was read.
 */
const evaluable = (a: CodeAttempt, found: OtpDoc) => ({
  _id: codeId(a.phone, a.purpose),
  challengeId: a.challengeId,
  clientId: a.applicationId,
  consumedAt: null,
  expiresAt: { $gt: a.now },
  tries: { $lt: a.maxTries },
  wrongUntil: found.wrongUntil,
  ...(isWithin(a, found) ? { wrongCount: { $lt: a.maxWrong } } : {}),
})

/** One more wrong evaluation; a window of wrong ones that has passed begins anew. */
const countWrong = (a: CodeAttempt, found: OtpDoc): UpdateFilter<OtpDoc> => {
  if (isWithin(a, found))
    return { $inc: { tries: 1, wrongCount: 1 }, $max: { removableAt: found.wrongUntil } }
  const wrongUntil = a.now + a.wrongWindowMs
  return { $inc: { tries: 1 }, $set: { wrongCount: 1, wrongUntil }, $max: { removableAt: wrongUntil } }
}

/** A challenge ends when it was sent to, for ever. */
const consume = ({ now }: CodeAttempt, { expiresAt }: OtpDoc): UpdateFilter<OtpDoc> => ({
  $set: { consumedAt: now, wrongCount: 0, wrongUntil: 0, removableAt: expiresAt },
  $unset: { sealedCode: true },
})

const judge = (a: CodeAttempt, code: OtpDoc | undefined): OtpOutcome =>
  judgeAttempt(code && toState(code), a, () => code !== undefined && sameMac(code.codeMac, a.codeMac))

/** Reads codes, and tries them: what goes on in one turn of the event loop goes together. */
export const createCodes = ({ otps }: Pick<Collections, 'otps'>) => {
  const load = createDocumentLoader(otps, {}, (doc) => doc)
  const update = createConditionalWriter(otps)

  const read = (phone: Phone, purpose: OtpPurpose): Promise<OtpDoc | undefined> =>
    load(codeId(phone, purpose))

  /** Makes an outcome so by a write that requires what was judged; undefined: it is no longer so. */
  const settle = async (a: CodeAttempt, found: OtpDoc | undefined): Promise<OtpOutcome | undefined> => {
    const outcome = judge(a, found)
    if (found === undefined || (outcome.kind !== 'consumed' && outcome.kind !== 'wrong')) return outcome
    const change = outcome.kind === 'wrong' ? countWrong(a, found) : consume(a, found)
    return (await update({ filter: evaluable(a, found), change })) ? outcome : undefined
  }

  /** `OtpStore.consume`. */
  const attempt = (a: CodeAttempt): Promise<OtpOutcome> =>
    settling(async () => settle(a, await read(a.phone, a.purpose)))

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
      const { kind } = judge(a, found)
      const isWritten = kind === 'consumed' || kind === 'wrong'
      return (isWritten ? await settle(a, found) : undefined) ?? attempt(a)
    },
  }
}
