import { requireAtLeast } from '../numbers.ts'
import type { ApplicationLife, EndedTokens } from '../types.gen.ts'
import { msSince, type Moment } from './moment.ts'
import type { ApplicationAuth, Auth } from './token.ts'

/** Whether a token still is worth something: `unknown` where only the daemon can say it. */
export type Liveness = 'live' | 'ended' | 'unknown'

/** What is known of a token beside what it says. */
export interface KnownToken {
  /** Its SHA-256 digest, in base64url. */
  readonly digest: string
  /** The number of the last word that had been heard when the daemon said of it that it lives. */
  readonly askedAt?: number | undefined
  /** The path of the account that it acts for, as the daemon said. */
  readonly path?: string | undefined
}

/** Knows which tokens have ended before their time. */
export interface Revocations {
  readonly livenessOf: (auth: Auth, token: KnownToken) => Liveness
  /** The number of the last word that was heard. */
  readonly lastWord: () => number
}

/** What is told of ends. */
interface Told {
  readonly as_of: string
  readonly ended_accounts: readonly EndedTokens[]
  readonly ended_sessions: readonly EndedTokens[]
  /** Undefined, as the others: the daemon is of before, and tells nothing of applications. */
  readonly ended_tokens?: readonly EndedTokens[]
  readonly applications?: readonly ApplicationLife[]
  readonly owner_id?: string
}

interface Kept {
  /** When it was told, by the clock of the daemon. */
  readonly toldAt: number
}

interface End extends Kept {
  /** Tokens issued until then have ended, in epoch milliseconds by the clock of the daemon. */
  readonly at: number
  /** The number of the word that told it. */
  readonly word: number
}

interface Life extends Kept {
  readonly life: ApplicationLife
}

/** Whether what a key has issued counts at a time, by what its application lives by. */
const isLiveBy = ({ status, keys }: ApplicationLife, keyId: string, now: number): boolean =>
  status === 'active' &&
  keys.some(({ id, ends_at: end }) => id === keyId && (end === null || now < Date.parse(end)))

/**
 * No token is taken for longer after it was issued, in milliseconds: it lives for an hour, this clock is a
 * minute behind that of the daemon, and a verifier lets clocks be another apart.
 */
const LONGEST_TAKEN_MS = 3_600_000 + 2 * 60_000
/** The clocks of daemons may be so far apart. */
const MARGIN_MS = 5000
/** More ends than these are not kept: what was issued before the oldest is asked about. */
const MOST_ENDS = 100_000

/**
 * The ends of tokens that were told since the feed began. About a token that was issued before that, the
 * daemon is to be asked once; and about one that was issued in the very second of an end, as tokens say the
 * second only. What an application lives by is told whenever it changes; the daemon is to be asked about its
 * tokens of before, and about those of owners of whom nothing is told here.
 */
export class KnownEnds implements Revocations {
  readonly #ends = new Map<string, End>()
  readonly #lives = new Map<string, Life>()
  readonly #maxStalenessMs: number
  #word = 0
  /** Since when no end is missing, by the clock of the daemon, and the word since which. */
  #completeSince = Infinity
  #firstWord = 0
  #completeAt: Moment | undefined
  /** Until when what was heard is complete, by the clock of the daemon. */
  #asOf = 0
  /** What applications live by is told of those of this account, and of accounts below it. */
  #ownerId: string | undefined

  /** Throws `ArgumentError`: of a number that is none, nothing would ever be too old. */
  constructor(maxStalenessMs: number) {
    requireAtLeast(0, { maxStalenessMs })
    this.#maxStalenessMs = maxStalenessMs
  }

  /** Takes in what was told; `isFresh`: what was before is not known. */
  hear(told: Told, isFresh: boolean, completeAt: Moment): void {
    this.#word += 1
    this.#completeAt = completeAt
    this.#asOf = Date.parse(told.as_of)
    this.#ownerId = told.owner_id
    if (isFresh) {
      this.#lives.clear()
      this.#completeFromNow()
    }
    for (const { id, at } of [...told.ended_accounts, ...told.ended_sessions, ...(told.ended_tokens ?? [])]) {
      // What is told twice, or late, takes back no later end.
      const last = this.#ends.get(id)?.at ?? 0
      this.#ends.delete(id)
      this.#ends.set(id, { at: Math.max(last, Date.parse(at)), word: this.#word, toldAt: this.#asOf })
    }
    for (const life of told.applications ?? []) {
      this.#lives.delete(life.id)
      this.#lives.set(life.id, { life, toldAt: this.#asOf })
    }
    this.#forget(this.#ends)
    this.#forget(this.#lives)
  }

  lastWord = (): number => this.#word

  livenessOf = (auth: Auth, token: KnownToken): Liveness => {
    if (auth.role === 'application') return this.#livenessOfApplication(auth, token)
    const { accountId, sessionId, issuedAt } = auth
    const { askedAt = -1 } = token
    const issued = issuedAt * 1000
    const end = this.#ends.get(accountId)
    if (this.#ends.has(sessionId) || (end !== undefined && end.at >= issued + 1000)) return 'ended'
    if (this.#isOld() || (end !== undefined && end.at >= issued && end.word > askedAt)) return 'unknown'
    return issued >= this.#completeSince || askedAt >= this.#firstWord ? 'live' : 'unknown'
  }

  /** What ends the sessions of its owner need not end it: the daemon knows. */
  #livenessOfApplication(
    { applicationId, keyId, ownerId, issuedAt }: ApplicationAuth,
    { digest, path = ownerId }: KnownToken,
  ): Liveness {
    if (this.#ends.has(digest)) return 'ended'
    if (this.#isOld()) return 'unknown'
    const life = this.#lives.get(applicationId)?.life
    const now = this.#asOf + (this.#completeAt === undefined ? 0 : msSince(this.#completeAt))
    if (life !== undefined && !isLiveBy(life, keyId, now)) return 'ended'
    const isTold = this.#ownerId !== undefined && path.split('/').includes(this.#ownerId)
    const isKnown = isTold && issuedAt * 1000 >= this.#completeSince && !this.#ends.has(ownerId)
    return isKnown ? 'live' : 'unknown'
  }

  #isOld(): boolean {
    return this.#completeAt === undefined || msSince(this.#completeAt) > this.#maxStalenessMs
  }

  #completeFromNow(): void {
    this.#completeSince = this.#asOf + MARGIN_MS
    this.#firstWord = this.#word
  }

  /**
   * What no living token can meet is not kept: those that it ends were issued before it was told, also where
   * an account is gone for ever. It lies in the order of the words.
   */
  #forget(told: Map<string, Kept>): void {
    for (const [id, { toldAt }] of told) {
      const isOver = toldAt < this.#asOf - LONGEST_TAKEN_MS - MARGIN_MS
      if (!isOver && told.size <= MOST_ENDS) return
      told.delete(id)
      if (!isOver) this.#completeFromNow()
    }
  }
}
