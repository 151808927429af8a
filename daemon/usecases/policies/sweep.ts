import type { Clock } from '../../ports/clock.ts'
import type { LeaseStore, PolicyHead, PolicyStore } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'
import { hashesOf, revisionsFrom } from './history.ts'

/** The name under which the lease of the job is held. */
const SWEEP_JOB = 'policy-history'
const DAY_MS = 24 * 60 * 60 * 1000
const LEASE_MS = 10 * 60_000

/** What is kept of a namespace: so many revisions, and all that were in force so lately. */
const KEPT_REVISIONS = 500
const KEPT_MS = 90 * DAY_MS

/** A change writes its texts before it moves the head, by no more than this. */
const SETTLED_MS = 60 * 60 * 1000
const TEXTS_PER_STEP = 500

/** The revisions of a namespace that are kept, and everything that they list. */
const addNamed = async (
  store: PolicyStore,
  { revision: head }: PolicyHead,
  { named, now }: { named: Set<string>; now: number },
): Promise<void> => {
  let count = 0
  // A revision was in force until the next one was made.
  let replacedAt = now
  for await (const { id, revision } of revisionsFrom(store, head)) {
    if (count >= KEPT_REVISIONS && replacedAt < now - KEPT_MS) return
    count++
    replacedAt = revision.createdAt
    named.add(id)
    for (const listed of hashesOf(revision)) named.add(listed)
  }
}

/**
 * Deletes the revisions of each namespace beyond the last 500 and the last 90 days, and the texts that no
 * other revision lists; those of namespaces that are gone too. Answers how many texts. What is in force, or
 * comes to be meanwhile, stays whole.
 */
export const sweepPolicies = async (store: PolicyStore, now: number): Promise<number> => {
  const heads = await store.heads()
  const named = new Set<string>()
  for (const head of heads) await addNamed(store, head, { named, now })
  const breathe = createBreather()
  let deleted = 0
  for (let after = ''; ;) {
    await breathe()
    const page = await store.listTexts({ after, limit: TEXTS_PER_STEP })
    const hashes = page.filter((each) => !named.has(each))
    if (hashes.length > 0) deleted += await store.deleteTexts({ hashes, heads, keptBefore: now - SETTLED_MS })
    const last = page.at(-1)
    if (last === undefined || page.length < TEXTS_PER_STEP) return deleted
    after = last
  }
}

/** Once a day, on one of the daemons of a store. Undefined: it was done today, or another one does it. */
export const createPolicySweep =
  ({ policies, leases, clock }: { policies: PolicyStore; leases: LeaseStore; clock: Clock }) =>
  async (): Promise<number | undefined> => {
    const now = clock.now()
    const slot = Math.floor(now / DAY_MS) * DAY_MS
    const fence = await leases.claimSlot({ job: SWEEP_JOB, slot, now, leaseMs: LEASE_MS })
    if (fence === undefined) return undefined
    try {
      return await sweepPolicies(policies, now)
    } finally {
      await leases.release(fence)
    }
  }
