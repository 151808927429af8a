import type { EndedTokens } from '../types.gen.ts'
import { msSince, type Moment } from './moment.ts'
import type { AccountAuth } from './token.ts'

/** Whether a token still is worth something: `unknown` where only the daemon can say it. */
export type Liveness = 'live' | 'ended' | 'unknown'

/** Knows which tokens have ended before their time. */
export interface Revocations {
  /**
   * What is known of the token of an account. `askedAt`: the number of the last word that had been heard when
   * the daemon said of it that it lives.
   */
  readonly livenessOf: (auth: AccountAuth, askedAt: number | undefined) => Liveness
  /** The number of the last word that was heard. */
  readonly lastWord: () => number
}

/** What is told of ends. */
interface Told {
  readonly as_of: string
  readonly ended_accounts: readonly EndedTokens[]
  readonly ended_sessions: readonly EndedTokens[]
}

interface End {
  /** Tokens issued until then have ended, in epoch milliseconds by the clock of the daemon. */
  readonly at: number
  /** The number of the word that told it. */
  readonly word: number
}

/** No token lives longer, in milliseconds. */
const LONGEST_LIFE_MS = 3_600_000
/** The clocks of daemons may be so far apart. */
const MARGIN_MS = 5000
/** More ends than these are not kept: what was issued before the oldest is asked about. */
const MOST_ENDS = 100_000

/**
 * The ends of tokens that were told since the feed began. About a token that was issued before that, the
 * daemon is to be asked once; and about one that was issued in the very second of an end, as tokens say the
 * second only.
 */
export class KnownEnds implements Revocations {
  readonly #ends = new Map<string, End>()
  readonly #maxStalenessMs: number
  #word = 0
  /** Since when no end is missing, by the clock of the daemon, and the word since which. */
  #completeSince = Infinity
  #firstWord = 0
  #completeAt: Moment | undefined

  constructor(maxStalenessMs: number) {
    this.#maxStalenessMs = maxStalenessMs
  }

  /** Takes in what was told; `isFresh`: what was before is not known. */
  hear(told: Told, isFresh: boolean, completeAt: Moment): void {
    this.#word += 1
    this.#completeAt = completeAt
    const asOf = Date.parse(told.as_of)
    if (isFresh) {
      this.#completeSince = asOf + MARGIN_MS
      this.#firstWord = this.#word
    }
    for (const { id, at } of [...told.ended_accounts, ...told.ended_sessions]) {
      // What is told twice, or late, takes back no later end.
      const last = this.#ends.get(id)?.at ?? 0
      this.#ends.delete(id)
      this.#ends.set(id, { at: Math.max(last, Date.parse(at)), word: this.#word })
    }
    this.#forget(asOf)
  }

  lastWord = (): number => this.#word

  livenessOf = ({ accountId, sessionId, issuedAt }: AccountAuth, askedAt = -1): Liveness => {
    const issued = issuedAt * 1000
    const end = this.#ends.get(accountId)
    if (this.#ends.has(sessionId) || (end !== undefined && end.at >= issued + 1000)) return 'ended'
    const isOld = this.#completeAt === undefined || msSince(this.#completeAt) > this.#maxStalenessMs
    if (isOld || (end !== undefined && end.at >= issued && end.word > askedAt)) return 'unknown'
    return issued >= this.#completeSince || askedAt >= this.#firstWord ? 'live' : 'unknown'
  }

  /** Ends that no living token can meet are not kept; they lie in the order of their words. */
  #forget(asOf: number): void {
    for (const [id, { at }] of this.#ends) {
      const isOver = at < asOf - LONGEST_LIFE_MS
      if (!isOver && this.#ends.size <= MOST_ENDS) return
      this.#ends.delete(id)
      if (isOver) continue
      this.#completeSince = Math.max(this.#completeSince, asOf + MARGIN_MS)
      this.#firstWord = this.#word
    }
  }
}
