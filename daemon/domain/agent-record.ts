import type { AccountId } from './account.ts'
import type { DecidingHead } from './daemon-record.ts'

/** For so long what an agent has said of itself counts. */
export const AGENT_LIFE_MS = 180_000
/** How often an agent is asked to say so. */
export const AGENT_REPORT_SECONDS = 30
/** A denial that an agent tells as a sample: nothing of its context. */
export interface SampledDenial {
  readonly account: string
  readonly action: string
  readonly resource: string
  /** Epoch milliseconds, as the agent says. */
  readonly at: number
}

/** What a process that decides by itself says of itself, again and again while it lives. */
export interface AgentRecord {
  /** The application and the name of the process, joined by a space. */
  readonly id: string
  /** The application, or the account that stands for one. */
  readonly audience: string
  readonly agent: string
  readonly ownerId: AccountId
  readonly ownerPath: string
  /** What it runs, as it says. */
  readonly software: string | null
  readonly language: number
  /** The revision of its snapshot. */
  readonly revision: string
  /** The revisions of the namespaces in its snapshot, as it says. */
  readonly heads: readonly DecidingHead[]
  /** Decisions since it began. */
  readonly allowed: number
  readonly denied: number
  readonly denials: readonly SampledDenial[]
  readonly startedAt: number
  readonly seenAt: number
  readonly expiresAt: number
}

/**
 * Whether an agent decides by these heads or later ones, as far as it names them; one that names none decides
 * by nothing that is known.
 */
export const isCurrentAgent = (
  { heads: named }: Pick<AgentRecord, 'heads'>,
  heads: readonly DecidingHead[],
): boolean =>
  named.length > 0 &&
  named.every(({ namespace, number }) => {
    const present = heads.find((each) => each.namespace === namespace)
    return present === undefined || number >= present.number
  })
