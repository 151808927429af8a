import type { AccountId } from '../../domain/account.ts'
import type { ApplicationId } from '../../domain/application.ts'
import type { SessionId } from '../../domain/session.ts'

/**
 * Tokens of what was deleted are worth nothing whenever they were issued: the last second of the year 9999.
 */
export const FOR_EVER = 253_402_300_799_000

/** That something about an account is other than before: status, attributes, policies, boundary, epoch. */
export interface AccountChange {
  readonly kind: 'account'
  readonly id: AccountId
  readonly path: string
  /** Its tokens that were issued until then, in epoch milliseconds, are worth nothing; null: none ended. */
  readonly endedAt: number | null
}

/** That a session was ended. */
export interface SessionEnd {
  readonly kind: 'session'
  readonly id: SessionId
  /** The path of its account. */
  readonly path: string
  readonly endedAt: number
}

/** That the policies of a namespace are others. */
export interface HeadChange {
  readonly kind: 'head'
  readonly namespace: string
}

/** That an application lives by another status or other keys than before, or was deleted. */
export interface ApplicationChange {
  readonly kind: 'application'
  readonly id: ApplicationId
  /** The path of its owner. */
  readonly path: string
}

/** That something was used up which others have to know. */
export interface SpentChange {
  readonly kind: 'spent'
  readonly key: string
  /** The path of the account that it concerns. */
  readonly path: string
  /** Until then it would have worked, in epoch milliseconds. */
  readonly expiresAt: number
}

/** That something was deleted of which is not known what it was: whatever is remembered may be wrong. */
export interface UnknownChange {
  readonly kind: 'unknown'
}

/** What is told of one write. */
export type Change = AccountChange | ApplicationChange | SessionEnd | SpentChange | HeadChange | UnknownChange

/** What was written between two positions, in order. */
export interface ChangesRead {
  readonly changes: readonly Change[]
  /** Where to go on from. */
  readonly position: string
}

/**
 * Tells what every process of the store has written, in the order in which it took effect and without a gap.
 * That an end user or an application was created is not told: nobody can have asked for it before; nor that
 * applications went with their owner, whose deletion is told.
 */
export interface ChangeStore {
  /**
   * What was written after a position, on any process; from nowhere, where reading begins now. Undefined: the
   * position is unknown, or so old that what came after is no longer kept.
   */
  read(after: string | undefined): Promise<ChangesRead | undefined>
  /** Resolves when all that was written before the call is told by `read`. `unavailable`. */
  settle(): Promise<void>
  /** Calls back soon after something may have been written; a hint. Answers how to stop. */
  watch(changed: () => void): () => Promise<void>
}
