import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Answer } from './api.ts'
import { testMongoUri } from './mongo.ts'

/**
 * How often a race of 1000 is repeated; the bar (A4, D2) is twenty: `RACE_ROUNDS=20 npx vitest run
 * test/security`.
 */
export const RACE_ROUNDS = Number(process.env['RACE_ROUNDS'] ?? 2)

const RACERS = 1000

/**
 * The code of a 503, which says when to come back: too many hashes wait, or a MongoDB is slower than its
 * deadline.
 */
const refusalOf = ({ body, headers }: Answer): string => {
  const code = String(body['code'])
  expect(code).toMatch(testMongoUri() === undefined ? /^overloaded$/ : /^(overloaded|unavailable)$/)
  expect(Number(headers['retry-after'])).toBeGreaterThanOrEqual(1)
  return code
}

/** Whether nothing is known of a call, because a MongoDB was slower than its deadline. */
export const isCutOff = (answer: Answer): boolean =>
  testMongoUri() !== undefined && answer.status === 503 && refusalOf(answer) === 'unavailable'

/** Repeats what a busy daemon has not begun; its answer says when to come back. */
const untilBegun = async (call: () => Promise<Answer>): Promise<Answer> => {
  for (;;) {
    const answer = await call()
    if (answer.status !== 503 || refusalOf(answer) !== 'overloaded') return answer
    await sleep(Number(answer.headers['retry-after']) * 1000 * (1 + Math.random()))
  }
}

/**
 * The answers of 1000 calls at once, each repeated until it was begun, without those of which nothing is
 * known: they may be more than a MongoDB beside them on a small machine does within a verb's deadline, and
 * then 503 `unavailable` is right. A tenth of them at most; on SQLite none.
 */
export const race = async (call: (index: number) => Promise<Answer>): Promise<Answer[]> => {
  const answers = await Promise.all(
    Array.from({ length: RACERS }, (_, index) => untilBegun(() => call(index))),
  )
  const known = answers.filter((answer) => !isCutOff(answer))
  expect(known.length).toBeGreaterThanOrEqual(RACERS * 0.9)
  return known
}

/**
 * Repeats what answers 503, as a client would, after the time that it asks for; what the refusals said is
 * added to `seen`. It may still be done.
 */
export const insist = async (call: () => Promise<Answer>, seen = new Set<string>()): Promise<Answer> => {
  for (;;) {
    const answer = await call()
    if (answer.status !== 503) return answer
    seen.add(refusalOf(answer))
    await sleep(Number(answer.headers['retry-after']) * 1000 * (1 + Math.random()))
  }
}
