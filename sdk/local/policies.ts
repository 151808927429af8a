import type { AuthctlClient } from '../client.ts'
import { requireSigned, type SaidBy } from '../server/signed.ts'
import { msSince, type Moment } from '../server/moment.ts'
import { SnapshotError } from './errors.ts'
import { applySnapshot, type HeldSnapshot } from './snapshot.ts'

/** A load that hangs gives way to the next. */
const LIMITS = { timeoutMs: 5000, retries: 0 } as const

/** What is told of the policies: up to a moment this revision was in force. */
interface Told {
  readonly revision: string
  readonly completeAt: Moment
}

/** How the policies at hand are kept. */
export interface PoliciesOptions {
  readonly client: Pick<AuthctlClient, 'snapshots'>
  readonly services: readonly string[] | undefined
  readonly saidBy: () => SaidBy
  /** Called when what is at hand is known to be in force. */
  readonly confirmed: () => void
  readonly onError: (error: unknown) => void
  /** Ends a load. */
  readonly signal: AbortSignal
}

/**
 * Keeps the policies in step with what is told: loads what differs, once at a time, and knows up to when what
 * is at hand is known to be in force.
 */
export const createPolicies = (options: PoliciesOptions) => {
  const { client, services, saidBy, confirmed, onError, signal } = options
  let held: HeldSnapshot | undefined
  let told: Told | undefined
  let completeAt: Moment | undefined
  let loading: Promise<void> | undefined
  /** What is at hand may have gone wrong: the next load is whole. */
  let isDoubted = false

  /** What is at hand is in force if it is what was told last. */
  const confirm = (): boolean => {
    if (told === undefined || held?.revision !== told.revision) return false
    completeAt = told.completeAt
    confirmed()
    return true
  }

  const loadOnce = async (): Promise<void> => {
    const by = saidBy()
    const query = { services: services?.join(','), since: isDoubted ? undefined : held?.revision }
    const answer = await client.snapshots.get(query, { ...LIMITS, signal })
    const { revision, signature } = answer
    await requireSigned(signature, { typ: 'authctl-snapshot+jws', claims: { revision } }, by)
    if (revision === held?.revision) return
    held = await applySnapshot(answer, held)
    isDoubted = false
  }

  /** Loads until it has what is in force; where that is not found at once, the next word begins again. */
  const load = async (): Promise<void> => {
    try {
      for (let wanted = told; ; wanted = told) {
        await loadOnce()
        if (confirm() || wanted === told) return
      }
    } catch (error) {
      isDoubted = error instanceof SnapshotError
      if (!signal.aborted) onError(error)
    }
  }

  return {
    /** The snapshot in force, as far as is known. */
    held: (): HeldSnapshot | undefined => held,
    /** How old the policies at hand may be by now, in milliseconds. */
    ageMs: (now: number): number => (completeAt === undefined ? Infinity : msSince(completeAt, now)),
    /** Hears which revision is in force; what is not at hand is loaded beside that. */
    hear: (next: Told): void => {
      told = next
      if (!confirm()) loading ??= load().finally(() => (loading = undefined))
    },
  }
}
