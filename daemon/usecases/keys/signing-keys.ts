import { Failure } from '../../domain/failure.ts'
import { keyStates, PUBLISH_LEAD_MS, type KeyState } from '../../domain/signing-key.ts'
import type { Audit } from '../../ports/audit.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { SigningKeyStore, StoredSigningKey } from '../../ports/stores/index.ts'
import { follow, type Followed } from '../upkeep/follow.ts'

/** Every daemon looks for new and revoked keys this often, whether or not the store tells of changes. */
const POLL_MS = 1000

/** Makes a key that is not stored yet. */
export type GenerateKey = (
  place: Pick<StoredSigningKey, 'sequence' | 'createdAt' | 'activeFrom'>,
) => Promise<StoredSigningKey>

/** What the use cases of signing keys need. */
export interface KeyDeps {
  readonly keys: SigningKeyStore
  readonly clock: Clock
  readonly audit: Audit
  readonly generate: GenerateKey
}

/** A key as operators see it. */
export interface KeyView {
  readonly kid: string
  readonly state: KeyState
  readonly createdAt: number
  readonly activeFrom: number
  readonly revokedAt: number | null
}

/** The keys of the store; the first is made if there is none, the same for all daemons. */
const ensureKeys = async ({ keys, clock, generate }: Omit<KeyDeps, 'audit'>): Promise<StoredSigningKey[]> => {
  const found = await keys.list()
  if (found.length > 0) return found
  const now = clock.now()
  await keys.add(await generate({ sequence: 1, createdAt: now, activeFrom: now }))
  return keys.list()
}

/**
 * How long after its publication a new key signs: when all caches know it, when all daemons do, or at once
 * (in place of a revoked one).
 */
const LEADS_MS = { published: PUBLISH_LEAD_MS, soon: 2 * POLL_MS, now: 0 } as const

/** The keys that sign tokens, as operators look after them. */
export const createSigningKeys = (deps: KeyDeps) => {
  const { keys, clock, audit, generate } = deps

  /** Every key with its present state, oldest first. */
  const list = async (): Promise<KeyView[]> =>
    [...keyStates(await keys.list(), clock.now())].map(([key, state]) => ({
      kid: key.kid,
      state,
      createdAt: key.createdAt,
      activeFrom: key.activeFrom,
      revokedAt: key.revokedAt,
    }))

  /**
   * Adds the next key: published at once, signing after the lead. A key that waits already is answered
   * instead of a second one, unless it is to sign sooner; of parallel rotations one adds.
   */
  const rotate = async (lead: keyof typeof LEADS_MS): Promise<KeyView> => {
    for (;;) {
      const now = clock.now()
      const present = await ensureKeys(deps)
      const waiting = (await list()).find(({ state }) => state === 'next')
      if (waiting !== undefined && lead === 'published') return waiting
      const sequence = Math.max(...present.map((key) => key.sequence)) + 1
      const activeFrom = now + LEADS_MS[lead]
      const key = await generate({ sequence, createdAt: now, activeFrom })
      if (await keys.add(key)) {
        audit.record({ event: 'signing-key-rotated', outcome: 'success', targetId: key.kid })
        return {
          kid: key.kid,
          state: lead === 'now' ? 'active' : 'next',
          createdAt: now,
          activeFrom,
          revokedAt: null,
        }
      }
    }
  }

  /**
   * Revokes a key: every daemon refuses what it has signed within seconds. Where it is the one that signs,
   * another takes over at once. Throws `not_found`.
   */
  const revoke = async (kid: string): Promise<KeyView> => {
    const found = (await list()).find((key) => key.kid === kid && key.state !== 'revoked')
    if (found === undefined)
      throw new Failure('not_found', { detail: 'there is no such key that is not revoked' })
    if (found.state === 'active') await rotate('now')
    const now = clock.now()
    await keys.revoke(kid, now)
    audit.record({ event: 'signing-key-revoked', outcome: 'success', targetId: kid })
    return { ...found, state: 'revoked', revokedAt: now }
  }

  return { list, rotate, revoke }
}

/** Keeps something made of the stored keys up to date; the first key is made if there is none. */
export const followKeys = async <T>(
  { keys, clock, generate, log }: Omit<KeyDeps, 'audit'> & { log: Log },
  make: (keys: readonly StoredSigningKey[], now: number) => Promise<T>,
): Promise<Followed<T>> => {
  await ensureKeys({ keys, clock, generate })
  return follow({
    look: async () => make(await keys.list(), clock.now()),
    watch: (changed) => keys.watch(changed),
    everyMs: POLL_MS,
    what: 'the signing keys',
    log,
  })
}
