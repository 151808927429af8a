import type { AuthctlClient } from '../client.ts'
import { asyncDisposal, type AsyncDisposal } from '../disposal.ts'
import { bounded } from '../signals.ts'
import { KnownEnds, type Revocations } from '../server/ended.ts'
import { followChanges, type Heard } from '../server/feed.ts'
import { createKeySet, type KeySetOptions } from '../server/key-set.ts'
import type { KeySet } from '../server/keys.ts'
import { audienceOf, requireSignedBody, type SaidBy } from '../server/signed.ts'
import { AccountCache } from './accounts.ts'
import { askDaemon } from './ask.ts'
import { NotReadyError } from './errors.ts'
import { createFactsLoader } from './facts.ts'
import { holdings, type Holding } from './holdings.ts'
import { createPolicies } from './policies.ts'
import { createReports } from './reports.ts'
import { decisionOf, undecided, type Answered } from './state.ts'
import type { Asked, Circumstances, LocalDecision, Question, Unasked } from './types.ts'

/** What a decider is made of, with where the keys are by which it knows the word of the daemon. */
export interface DeciderOptions extends KeySetOptions {
  /** Signed in as the application: as who it loads, and what it may see. */
  readonly client: Pick<AuthctlClient, 'snapshots' | 'agents' | 'access' | 'session'>
  /** The keys of the daemon as a verifier has them (`createKeySet`); default: its own. */
  readonly keySet?: KeySet | undefined
  /** Whose actions are decided here, such as `['orders']`. Default: all services that are declared. */
  readonly services?: readonly string[] | undefined
  /** How old what decides may be, in milliseconds, at least 0. Default 5000. */
  readonly maxStalenessMs?: number | undefined
  /**
   * What `check` does when what is at hand is too old, or does not suffice: `ask` the daemon (default) or
   * `deny`. The calls that answer at once deny.
   */
  readonly onStale?: 'ask' | 'deny' | undefined
  /** For how many accounts facts are kept, at least 1. Default 10,000. */
  readonly maxAccounts?: number | undefined
  /** Takes what bears no signature: for a daemon with `JWT_SECRET`, over a network that is trusted. */
  readonly acceptUnsigned?: boolean | undefined
  /** Names this process in `authctl policies agents`, such as `web-1:4711`. Default: made up. */
  readonly agent?: string | undefined
  /** Told what goes wrong while it follows the daemon; it goes on by itself. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** Decides in the process, by the policies of the daemon. Nothing that it answers allows by default. */
export interface Decider extends AsyncDisposal {
  /** Resolves once the policies are at hand. Rejects with why not, after `timeoutMs` (30,000). */
  readonly ready: (options?: { readonly timeoutMs?: number }) => Promise<void>
  /**
   * Loads the facts of accounts that are not at hand; one that may not be loaded stays away. Rejects with why
   * not, and with `AbortError` after `close`.
   */
  readonly load: (...principals: readonly string[]) => Promise<void>
  /** Whether the policies allow it, by what is at hand now. Denies where that is not enough. */
  readonly can: (...asked: Asked) => boolean
  /** The same, with what made the decision, and why none was made. */
  readonly decide: (...asked: Asked) => LocalDecision
  /** The same, and loads what is not at hand, or asks the daemon, as `onStale` says. Never rejects. */
  readonly check: (...asked: Asked) => Promise<LocalDecision>
  /** Which tokens have ended, over the same connection: for `createVerifier`. */
  readonly revocations: Revocations
  /** The keys of the daemon: for `createVerifier`, so that they are loaded once. */
  readonly keySet: KeySet
  /** What is at hand. */
  readonly status: () => DeciderStatus
  /** Stops following, and whatever waits for the daemon. What is decided after that is denied. */
  readonly close: () => Promise<void>
}

/** What a decider has at hand. */
export interface DeciderStatus {
  readonly revision: string | null
  readonly staleMs: number
  readonly accounts: number
  /** What went wrong last; undefined while all is well. */
  readonly error: unknown
}

const READY_MS = 30_000
/** So far the clocks of several daemons may be apart. */
const APART_SECONDS = 5
const NOTHING: Circumstances = {}

const NOT_LOADED = undecided('not_loaded')
const STALE = undecided('stale')
const NOBODY = undecided('invalid_question', '/principal')
/** What the process cannot decide by itself: the daemon can. */
const OPEN: ReadonlySet<Unasked | null> = new Set<Unasked | null>(['not_loaded', 'not_covered', 'stale'])

/**
 * Makes a decider and begins to follow the daemon; one for the process. It holds the policies that concern
 * the application, and the facts of the accounts that it was asked about, both in step with the daemon within
 * a second. What is older than `maxStalenessMs` it does not decide by. Throws `ArgumentError`,
 * `UnsupportedPlatformError`.
 */
export const createDecider = (options: DeciderOptions): Decider => {
  const { client, issuer, services, maxStalenessMs = 5000, onStale = 'ask', onError } = options
  const { acceptUnsigned = false, maxAccounts = 10_000 } = options
  const keySet = options.keySet ?? createKeySet(options)
  const accounts = new AccountCache(maxAccounts)
  const waiting = new Set<() => void>()
  const ended = new KnownEnds(maxStalenessMs)
  let audience: string | undefined
  /** What the daemon has said last was said then, in epoch seconds. */
  let saidAt: number | undefined
  let error: unknown
  const closing = new AbortController()
  const { signal } = closing

  const fail = (thrown: unknown): void => {
    error = thrown
    onError?.(thrown)
  }
  const failUnlessClosed = (thrown: unknown): void => {
    if (!signal.aborted) fail(thrown)
  }
  const saidBy = (): SaidBy => {
    const notBefore = saidAt && saidAt - APART_SECONDS
    return { keySet, issuer, audience, acceptUnsigned, notBefore }
  }
  const confirmed = (): void => {
    error = undefined
    for (const resolve of waiting) resolve()
    waiting.clear()
  }
  const policies = createPolicies({ client, services, saidBy, onError: fail, confirmed, signal })
  const load = createFactsLoader({ client, cache: accounts, saidBy, signal })

  const hear = async ({ changes, completeAt, isFresh, nonce }: Heard): Promise<void> => {
    audience ??= await audienceOf(client)
    await requireSignedBody(changes, 'authctl-changes+jws', { ...saidBy(), notBefore: undefined, nonce })
    audience ??= changes.audience
    saidAt = Math.floor(Date.parse(changes.as_of) / 1000)
    ended.hear(changes, isFresh, completeAt)
    if (isFresh) accounts.clear()
    for (const id of changes.accounts) accounts.forget(id)
    policies.hear({ revision: changes.revision, completeAt })
  }
  const running = followChanges({ client, services, hear, onError: fail, signal })

  const reports = createReports({ client, agent: options.agent, held: policies.held, onError: fail, signal })

  const staleMs = (now = Date.now()): number => (signal.aborted ? Infinity : policies.ageMs(now))

  const holdingOf = (principal: string, ageMs: number): Answered | Holding => {
    // About nobody the daemon would answer for the application itself.
    if (typeof principal !== 'string' || principal === '') return NOBODY
    const held = policies.held()
    if (held === undefined) return NOT_LOADED
    if (ageMs > maxStalenessMs) return STALE
    const lineage = accounts.get(principal)
    return lineage === undefined ? NOT_LOADED : { state: held.policies, lineage }
  }

  /** What is known of the question at a time, of which what is at hand is so old. */
  const answer = (question: Question, now: number, ageMs: number): Answered => {
    const holding = holdingOf(question.principal, ageMs)
    if (!('state' in holding)) return holding
    const answered = holding.state.decide(holding.lineage, question, now)
    if (answered.source === 'process') reports.note(answered, question, now)
    return answered
  }

  const can: Decider['can'] = (principal, action, resource, context = NOTHING) => {
    const now = Date.now()
    return answer({ principal, action, resource, context }, now, staleMs(now)).decision === 'ALLOW'
  }

  const decide: Decider['decide'] = (principal, action, resource, context = NOTHING) => {
    const now = Date.now()
    const ageMs = staleMs(now)
    const answered = answer({ principal, action, resource, context }, now, ageMs)
    return decisionOf(answered, policies.held()?.revision ?? null, ageMs)
  }

  const check = async (...asked: Asked): Promise<LocalDecision> => {
    const atOnce = decide(...asked)
    if (!OPEN.has(atOnce.reason)) return atOnce
    if (atOnce.reason === 'not_loaded' && atOnce.revision !== null)
      await load(asked[0]).catch(failUnlessClosed)
    const decision = decide(...asked)
    if (!OPEN.has(decision.reason) || onStale === 'deny' || signal.aborted) return decision
    return askDaemon({ client, signal }, asked, decision)
  }

  const ready = ({ timeoutMs = READY_MS }: { readonly timeoutMs?: number } = {}): Promise<void> => {
    if (staleMs() <= maxStalenessMs) return Promise.resolve()
    const why = (): Error => new NotReadyError(signal.aborted, error)
    const confirmation = new Promise<void>((resolve) => waiting.add(resolve))
    return bounded({ signals: [signal], ms: timeoutMs }, () => confirmation, why).catch(() => {
      throw why()
    })
  }

  const close = (): Promise<void> => {
    closing.abort()
    return running
  }

  const decider: Decider = {
    ready,
    load,
    can,
    decide,
    check,
    revocations: ended,
    keySet,
    status: () => ({
      revision: policies.held()?.revision ?? null,
      staleMs: staleMs(),
      accounts: accounts.size,
      error,
    }),
    close,
    ...asyncDisposal(close),
  }
  holdings.set(decider, (principal) => holdingOf(principal, staleMs()))
  return decider
}
