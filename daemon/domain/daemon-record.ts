import type { Verdict } from '../../policies/index.ts'
import type { PolicySnapshot } from './policy-snapshot.ts'

/** A revision that a daemon decides by. */
export interface DecidingHead {
  readonly namespace: string
  /** The id of the revision. */
  readonly revision: string
  readonly number: number
}

/** What a daemon says of itself, again and again while it lives. */
export interface DaemonRecord {
  /** Names this run of the daemon: the next one has another. */
  readonly id: string
  /** The name of the machine. */
  readonly host: string
  readonly pid: number
  /** The version of authctl. */
  readonly version: string
  readonly startedAt: number
  readonly seenAt: number
  /** From then on it counts as gone, unless it has said more. */
  readonly liveUntil: number
  /** When the record may be removed: what it says of decisions is worth knowing when the daemon is gone. */
  readonly expiresAt: number
  /** Rises with everything that it says. */
  readonly beat: number
  /** The digest of all revisions that it decides by, see {@link headsText}. */
  readonly headsDigest: string
  /** The newest of them, at most `MAX_NAMED_HEADS`. */
  readonly heads: readonly DecidingHead[]
  /** The policies that have allowed something here lately, the latest first. */
  readonly uses: readonly PolicyUse[]
  /** What came of comparing what stands in a shadow with what is in force, on the questions asked here. */
  readonly shadows: readonly ShadowReport[]
}

/** A question whose answer would change; nothing of its context. */
export interface ShadowDifference {
  readonly account: string
  readonly action: string
  readonly resource: string
  readonly before: Verdict
  readonly after: Verdict
  /** The statement that decides it in the shadow, in words; null: none does. */
  readonly by: string | null
  readonly count: number
}

/** What came of a comparison. */
export interface ShadowReport {
  readonly namespace: string
  /** The id of the revision in the shadow. */
  readonly revision: string
  readonly number: number
  /** How many questions were decided by both, and how many of them otherwise. */
  readonly questions: number
  readonly changed: number
  /** The first of the different questions. */
  readonly differences: readonly ShadowDifference[]
}

/** That a policy was among those that allowed a request. */
export interface PolicyUse {
  /** Its full name. */
  readonly policy: string
  /** The last time, to the minute. */
  readonly at: number
}

/** How many revisions a record names: the digest stands for the others. */
export const MAX_NAMED_HEADS = 200

/** What two daemons have the same of if they decide by the same revisions: a text to make a digest of. */
export const headsText = (heads: readonly DecidingHead[]): string =>
  heads
    .map(({ namespace, revision }) => `${namespace} ${revision}`)
    .sort()
    .join('\n')

/** The revisions that a snapshot decides by; a namespace before its first change has none. */
export const headsOf = ({ namespaces }: Pick<PolicySnapshot, 'namespaces'>): DecidingHead[] =>
  [...namespaces].flatMap(([namespace, { id, revision }]) =>
    id === null ? [] : [{ namespace, revision: id, number: revision.number }],
  )

/** Those of them that a record names: the newest. */
export const namedHeads = (snapshot: Pick<PolicySnapshot, 'namespaces'>): DecidingHead[] => {
  const newest = (name: string): number => snapshot.namespaces.get(name)?.revision.createdAt ?? 0
  return headsOf(snapshot)
    .sort((a, b) => newest(b.namespace) - newest(a.namespace))
    .slice(0, MAX_NAMED_HEADS)
}

/**
 * By which revision of a namespace a daemon decides, and whether that is the one in force, or a later one.
 */
export interface Standing {
  /** null: none, or one that is older than all that its record names. */
  readonly revision: Omit<DecidingHead, 'namespace'> | null
  readonly isCurrent: boolean
}

/** Where a daemon stands in a namespace, given all heads of the store and their digest. */
export const standingOf = (
  { heads: named, headsDigest: decidesBy }: Pick<DaemonRecord, 'heads' | 'headsDigest'>,
  namespace: string,
  { heads, digest: stored }: { heads: readonly DecidingHead[]; digest: string },
): Standing => {
  const found = (among: readonly DecidingHead[]): Standing['revision'] => {
    const head = among.find((each) => each.namespace === namespace)
    return head === undefined ? null : { revision: head.revision, number: head.number }
  }
  const wanted = found(heads)
  if (decidesBy === stored) return { revision: wanted, isCurrent: true }
  const present = found(named)
  return { revision: present, isCurrent: (present?.number ?? 0) >= (wanted?.number ?? 0) }
}
