import type { AccessDecision, Explanation } from '../types.gen.ts'

/** What the asker says of the circumstances, by context key; a set holds texts. */
export type Circumstances = Readonly<Record<string, string | number | boolean | readonly string[]>>

/** A question: may this account do that to this, under these circumstances? */
export interface Question {
  /** The id of the account. */
  readonly principal: string
  /** `service:Verb`. */
  readonly action: string
  /** `type/path`. */
  readonly resource: string
  readonly context: Circumstances
}

/** The same as arguments: who, what, of what, under which circumstances. */
export type Asked = readonly [
  principal: string,
  action: string,
  resource: string,
  context?: Circumstances | undefined,
]

/** What can come of a question. */
export type Verdict = AccessDecision['decision']

/**
 * Why no policy was asked. As the daemon says it: `unknown_action`, `unknown_resource_type`, `not_active`,
 * `outside`. As the decider says it: `not_loaded` (the facts of the account, or all policies, are not at
 * hand), `not_covered` (the snapshot does not hold the service of the action), `stale` (what is at hand is
 * older than `maxStalenessMs`), `invalid_question` (the daemon would refuse it with 400), `unavailable` (the
 * daemon was asked and gave no decision).
 */
export type Unasked =
  | NonNullable<AccessDecision['reason']>
  | 'not_loaded'
  | 'not_covered'
  | 'stale'
  | 'invalid_question'
  | 'unavailable'

/** A decision, and what made it. */
export interface LocalDecision {
  readonly allowed: boolean
  readonly decision: Verdict
  /** Null where policies have decided. */
  readonly reason: Unasked | null
  /** Who has decided: the policies in this process, the daemon, or nobody, which denies. */
  readonly source: 'process' | 'daemon' | 'nobody'
  /** The revision of the policies at hand; null before the first snapshot. */
  readonly revision: string | null
  /** How old what is at hand may be, in milliseconds; `Infinity` before the first snapshot. */
  readonly staleMs: number
  /** The part at fault of an `invalid_question`, as a JSON pointer. */
  readonly pointer: string | null
  /** The id of a denial by the daemon: `access.explain` takes it. */
  readonly decisionId: string | null
}

/** A decision with its reasons. */
export interface LocalExplanation extends LocalDecision {
  /** Null where the policies in this process were not asked. */
  readonly explanation: Omit<Explanation, 'revisions'> | null
}
