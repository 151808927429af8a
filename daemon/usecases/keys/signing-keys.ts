import { Failure } from '../../domain/failure.ts'
import { keyStates, PUBLISH_LEAD_MS, type KeyState } from '../../domain/signing-key.ts'
import type { Audit, AuditEvent } from '../../ports/audit.ts'
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
  readonly pause: (ms: number) => Promise<void>
}

/** A key as operators see it. */
export interface KeyView {
  readonly kid: string
  readonly state: KeyState
  readonly createdAt: number
  readonly activeFrom: number
  readonly revokedAt: number | null
}

type EnsureDeps = Pick<KeyDeps, 'keys' | 'clock' | 'generate'>

const nextSequence = (present: readonly StoredSigningKey[]): number =>
  Math.max(0, ...present.map((key) => key.sequence)) + 1

/**
 * The keys of the store, of which one may sign: it is made if there is none, the same for all daemons. So
 * revocations of several keys at once leave nobody without a key either.
 */
const ensureKeys = async ({ keys, clock, generate }: EnsureDeps): Promise<StoredSigningKey[]> => {
  const found = await keys.list()
  const now = clock.now()
  if ([...keyStates(found, now).values()].includes('active')) return found
  await keys.add(await generate({ sequence: nextSequence(found), createdAt: now, activeFrom: now }))
  return keys.list()
}

/**
 * How long after its publication a new key signs: when all caches know it, when all daemons do, or at once
 * (in place of a revoked one).
 */
const LEADS_MS = { published: PUBLISH_LEAD_MS, soon: 2 * POLL_MS, now: 0 } as const

/** Who does it, for the record; nothing for what is done on the host. */
type By = Pick<AuditEvent, 'actorId' | 'sessionId' | 'ip' | 'userAgent' | 'requestId'>

/** How soon a rotated key is to sign, as operators choose. */
export type RotationLead = 'published' | 'soon'

/** Thrown for every work on keys while there are none. */
export const noGeneratedKeys = (): Failure =>
  new Failure('invalid_request', {
    detail: 'tokens are signed with JWT_SECRET, which is not rotated but replaced: everybody signs in anew',
  })

const viewsOf = (stored: readonly StoredSigningKey[], now: number): KeyView[] =>
  [...keyStates(stored, now)].map(([{ kid, createdAt, activeFrom, revokedAt }, state]) => ({
    kid,
    state,
    createdAt,
    activeFrom,
    revokedAt,
  }))

/** The keys that sign tokens, as operators look after them. */
export const createSigningKeys = (deps: KeyDeps) => {
  const { keys, clock, audit, generate, pause } = deps

  /** Every key with its present state, oldest first. */
  const list = async (): Promise<KeyView[]> => viewsOf(await keys.list(), clock.now())

  /**
   * Adds a key that signs after the lead, unless one of the present keys does instead; of parallel callers
   * one adds.
   */
  const add = async (
    lead: keyof typeof LEADS_MS,
    { by, instead }: { by: By; instead: (present: readonly KeyView[]) => KeyView | undefined },
  ): Promise<KeyView> => {
    for (;;) {
      const now = clock.now()
      const present = await ensureKeys(deps)
      const other = instead(viewsOf(present, now))
      if (other !== undefined) return other
      const activeFrom = now + LEADS_MS[lead]
      const key = await generate({ sequence: nextSequence(present), createdAt: now, activeFrom })
      if (await keys.add(key)) {
        audit.record({ event: 'signing-key-rotated', outcome: 'success', targetId: key.kid, ...by })
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
   * Adds the next key: published at once, signing after the lead. A key that waits already is answered
   * instead of a second one, unless it is to sign sooner.
   */
  const rotate = (lead: RotationLead, by: By = {}): Promise<KeyView> => {
    const waiting = (present: readonly KeyView[]) => present.find(({ state }) => state === 'next')
    return add(lead, { by, instead: lead === 'published' ? waiting : () => undefined })
  }

  /** A successor of the key that signs, at once; of parallel revocations one adds it. */
  const succeed = (kid: string, by: By): Promise<KeyView> =>
    add('now', {
      by,
      instead: (present) => present.find((key) => key.state === 'active' && key.kid !== kid),
    })

  /**
   * Revokes a key. When it answers, every daemon that hears from its store refuses what the key has signed,
   * at its next request. Where it is the one that signs, a successor takes over first. Throws `not_found`.
   */
  const revoke = async (kid: string, by: By = {}): Promise<KeyView> => {
    const found = (await list()).find((key) => key.kid === kid && key.state !== 'revoked')
    if (found === undefined)
      throw new Failure('not_found', { detail: 'there is no such key that is not revoked' })
    if (found.state === 'active') await succeed(kid, by)
    const now = clock.now()
    if (await keys.revoke(kid, now))
      audit.record({ event: 'signing-key-revoked', outcome: 'success', targetId: kid, ...by })
    await ensureKeys(deps)
    // By then every daemon has looked.
    await pause(LEADS_MS.soon)
    return { ...found, state: 'revoked', revokedAt: now }
  }

  return { list, rotate, revoke }
}

/** The keys of a store, for operators. */
export type SigningKeys = ReturnType<typeof createSigningKeys>

/** Keeps something made of the stored keys up to date; the first key is made if there is none. */
export const followKeys = async <T>(
  { keys, clock, generate, log }: EnsureDeps & { log: Log },
  make: (keys: readonly StoredSigningKey[], now: number) => Promise<T>,
): Promise<Followed<T>> =>
  follow({
    look: async () => make(await ensureKeys({ keys, clock, generate }), clock.now()),
    watch: (changed) => keys.watch(changed),
    everyMs: POLL_MS,
    what: 'the signing keys',
    log,
  })
