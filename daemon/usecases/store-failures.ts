import type { ErrorCode } from '../contract/errors.ts'
import { Failure } from '../domain/failure.ts'
import { StoreFailure, type StoreFailureKind } from '../ports/stores/index.ts'

/**
 * What a failure of the store means to the caller: a code of the catalogue, with the reason for the log where
 * the code alone says too little.
 */
type Meaning = ErrorCode | { readonly code: ErrorCode; readonly reason: string }

/**
 * What the store answers; a failure of one of these kinds is thrown as what it means here. Every other error
 * passes as it is.
 */
export const orFail = <T>(
  answer: Promise<T>,
  meanings: Readonly<Partial<Record<StoreFailureKind, Meaning>>>,
): Promise<T> =>
  answer.catch((error: unknown) => {
    const meaning = error instanceof StoreFailure ? meanings[error.kind] : undefined
    if (meaning === undefined) throw error
    const { code, ...reason } = typeof meaning === 'string' ? { code: meaning } : meaning
    throw new Failure(code, { ...reason, cause: error })
  })

interface Retries {
  /** How often the attempt is made at most. */
  readonly times: number
  /** What is written, for the log when every attempt came late. */
  readonly what: string
  /** Before each further attempt, at most this long: two daemons in step would let one always come second. */
  readonly maxPauseMs?: number
}

/**
 * Makes an attempt again while it throws `stale`, because another writer was faster. Throws `unavailable`
 * when the last one came late too.
 */
export const retryStale = async <T>(
  attempt: (n: number) => Promise<T>,
  { times, what, maxPauseMs = 0 }: Retries,
): Promise<T> => {
  for (let n = 0; n < times; n++) {
    try {
      return await attempt(n)
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.kind !== 'stale') throw error
    }
    if (maxPauseMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * maxPauseMs))
  }
  throw new Failure('unavailable', { reason: `too many writers at ${what}` })
}

interface TakingBack<T> {
  /** As the write to be taken back left it. */
  readonly written: T
  readonly read: () => Promise<T | undefined>
  /** Takes it back in this state, by a write under the condition of its version. */
  readonly write: (present: T) => Promise<unknown>
  readonly what: string
}

const TAKE_BACK_ATTEMPTS = 20

/**
 * Takes back what was written, also while others write: a write that comes late is made again in the
 * state that is there then. What is gone has nothing left to take back. Throws `unavailable` after many
 * attempts that came late.
 */
export const takeBack = async <T>({ written, read, write, what }: TakingBack<T>): Promise<void> =>
  retryStale(
    async (n) => {
      const present = n === 0 ? written : await read()
      if (present === undefined) return
      await write(present).catch((error: unknown) => {
        if (!(error instanceof StoreFailure) || error.kind !== 'not_found') throw error
      })
    },
    { times: TAKE_BACK_ATTEMPTS, what },
  )
