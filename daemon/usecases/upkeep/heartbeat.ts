import { headsOf, headsText, namedHeads, type DaemonRecord } from '../../domain/daemon-record.ts'
import type { PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Vault } from '../../ports/crypto.ts'
import type { Log } from '../../ports/log.ts'
import { USE_MS, type PolicyUses } from '../access/uses.ts'
import type { ShadowComparison } from '../access/shadow.ts'
import type { DaemonStore } from '../../ports/stores/index.ts'

/** Who says it. */
export type DaemonIdentity = Pick<DaemonRecord, 'id' | 'host' | 'pid' | 'version' | 'startedAt'>

/** A daemon that says by which policies it decides. */
export interface Heartbeat {
  /** The policies have changed: it is said at once. */
  readonly changed: () => void
  /** Says nothing more, and that the daemon is gone. */
  readonly stop: () => Promise<void>
}

/** Two beats may be lost, and the write of the third may be slow. */
const livingMs = (everyMs: number): number => 3 * everyMs + 5000

/** The digest of everything that is decided by, as records have it. */
export const digestOf = (vault: Pick<Vault, 'digest'>, heads: Parameters<typeof headsText>[0]): string =>
  vault.digest(headsText(heads))

/**
 * Says in the store that this daemon lives and by which revisions it decides: now, every so often, and when
 * the policies have changed, in one write each. What cannot be written is said again with the next.
 */
export const startHeartbeat = async ({
  daemons,
  clock,
  vault,
  log,
  identity,
  policies,
  uses,
  shadow,
  everyMs,
}: {
  readonly daemons: DaemonStore
  readonly clock: Clock
  readonly vault: Pick<Vault, 'digest'>
  readonly log: Log
  readonly identity: DaemonIdentity
  readonly policies: { readonly current: () => PolicySnapshot }
  readonly uses: Pick<PolicyUses, 'latest'>
  readonly shadow: Pick<ShadowComparison, 'reports'>
  readonly everyMs: number
}): Promise<Heartbeat> => {
  let count = 0
  let saidState = ''
  let isFailing = false
  let running: Promise<void> | undefined
  let isAwaited = false

  const stateOf = (snapshot: PolicySnapshot): string => digestOf(vault, headsOf(snapshot))

  const recordNow = (): DaemonRecord => {
    const snapshot = policies.current()
    saidState = stateOf(snapshot)
    const now = clock.now()
    const liveUntil = now + livingMs(everyMs)
    const used = uses.latest()
    return {
      ...identity,
      seenAt: now,
      liveUntil,
      expiresAt: used.length === 0 ? liveUntil : Math.max(liveUntil, now + USE_MS),
      beat: ++count,
      headsDigest: saidState,
      heads: namedHeads(snapshot),
      uses: used,
      shadows: shadow.reports(snapshot),
    }
  }
  const write = async (): Promise<void> => {
    try {
      await daemons.beat(recordNow())
      isFailing = false
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'unknown'
      if (!isFailing) log.warn({ cause }, 'the store does not hear that this daemon lives')
      isFailing = true
    }
  }
  /** One write at a time; what is to be said meanwhile is in one more. */
  const beat = (): Promise<void> => {
    if (running !== undefined) isAwaited = true
    running ??= write().finally(() => {
      running = undefined
      if (isAwaited) void beat()
      isAwaited = false
    })
    return running
  }
  /** A look that brings the same revisions, such as one that meets a revision of no use, is nothing new. */
  const isNew = (): boolean => stateOf(policies.current()) !== saidState
  await beat()
  const timer = setInterval(() => void beat(), everyMs).unref()
  let isStopped = false
  return {
    changed: () => void (isStopped || !isNew() ? undefined : beat()),
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      isAwaited = false
      await running
      await daemons.leave(identity.id, clock.now()).catch(() => undefined)
    },
  }
}
