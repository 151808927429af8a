import type { Account, AccountId, AccountStatus, Phone, Role, UsernameKey } from '../domain/account.ts'
import type { OtpOutcome, OtpPurpose } from '../domain/otp.ts'
import type { Box, Place, PlaceKind } from '../domain/place.ts'
import type { Session, SessionId } from '../domain/session.ts'
import type { KeyTimes } from '../domain/signing-key.ts'

/**
 * The store port. Every adapter keeps these promises, and `test/stores/` holds each of them to it:
 *
 * - **Atomic**: each verb is one conditional write (or one read). No verb needs a transaction that spans calls; two callers, in one process
 *   or in many, see one order of verbs.
 * - **Durable**: when a writing verb resolves, its effect survives a crash of the process and of the machine.
 * - **Live**: a read that begins after a write has resolved sees it, on every process of the store.
 * - **Times** are epoch milliseconds and come in as arguments; an adapter never reads the clock. Expiry is checked by the verb itself, never
 *   left to the sweep.
 * - **Failures** are `StoreFailure` with one of four kinds; expected outcomes of a verb are return values.
 */
export interface Store {
  readonly accounts: AccountStore
  readonly otps: OtpStore
  readonly sessions: SessionStore
  readonly refreshKeys: RefreshKeyStore
  readonly limits: LimitStore
  readonly idempotency: IdempotencyStore
  readonly leases: LeaseStore
  readonly signingKeys: SigningKeyStore
  readonly policies: PolicyStore
  readonly places: PlaceStore
  /** What the store runs on, as operators see it. */
  readonly platform: StorePlatform
  /** Resolves when the store answers; throws `unavailable` otherwise. */
  ping(): Promise<void>
  /** Finishes waiting writes, then releases everything. */
  close(): Promise<void>
}

/** What a store runs on. */
export interface StorePlatform {
  readonly engine: 'SQLite' | 'MongoDB'
  /** Of the engine, such as `8.0.17`. */
  readonly version: string
  readonly topology: 'file' | 'standalone' | 'replica-set' | 'sharded'
}

/**
 * `not_found`: the named object does not exist · `conflict`: a unique key is taken, or the change would break an invariant
 * · `stale`: the object is not in the state that the caller expects · `unavailable`: the store cannot answer now; the write may or may not
 * have happened and the verb may be repeated.
 */
export type StoreFailureKind = 'not_found' | 'conflict' | 'stale' | 'unavailable'

export class StoreFailure extends Error {
  override readonly name = 'StoreFailure'
  readonly kind: StoreFailureKind

  constructor(kind: StoreFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
  }
}

/** A position in a list ordered by (createdAt, id). */
export interface AccountPosition {
  readonly createdAt: number
  readonly id: AccountId
}

export interface AccountQuery {
  /** Only strict descendants of this path; null: the whole tree. */
  readonly below: string | null
  /** Whether end users, who stand outside the tree, are in scope. */
  readonly includeUsers: boolean
  readonly role?: Role
  readonly parentId?: AccountId
  readonly status?: AccountStatus
  readonly after?: AccountPosition
  readonly limit: number
}

export interface AccountStore {
  /**
   * Inserts. `conflict`: the username key, or (role, phone), is taken. Of parallel inserts of one key exactly one resolves. `not_found`: its parent
   * is gone; of an insertion and the deletion of its parent at the same time one fails, whatever runs in parallel.
   */
  insert(account: Account): Promise<void>
  /** Inserts only while no super-admin exists. `conflict` otherwise, or when the username key is taken. */
  insertFirstSuperAdmin(account: Account): Promise<void>
  /** The end user with the candidate's phone; inserts the candidate if there is none. One account for parallel first sign-ins. */
  getOrInsertUser(candidate: Account): Promise<{ account: Account; created: boolean }>
  get(id: AccountId): Promise<Account | undefined>
  /** The accounts on a path that exist, top first; one read. */
  getLineage(path: string): Promise<Account[]>
  findByUsername(role: Role, usernameKey: UsernameKey): Promise<Account | undefined>
  findByPhone(role: Role, phone: Phone): Promise<Account | undefined>
  hasSuperAdmin(): Promise<boolean>
  /** One page, ordered by (createdAt, id). */
  list(query: AccountQuery): Promise<Account[]>
  /**
   * Sets the status and, when it changes to disabled, raises the epoch; an equal status changes nothing.
   * `not_found`; `conflict`: it would leave no active super-admin, whatever runs in parallel.
   */
  setStatus(change: { id: AccountId; status: AccountStatus; now: number }): Promise<Account>
  /**
   * Replaces the password hash if it still is `from`, and raises the epoch unless `keepEpoch` (a rehash of the same password).
   * `stale`: the hash is another by now. Returns the account as changed.
   */
  setPasswordHash(change: {
    id: AccountId
    from: string
    to: string
    keepEpoch: boolean
    now: number
  }): Promise<Account>
  /** Changes these fields if the account still is of this version. `not_found`; `stale`: it has another. Returns the account as changed. */
  update(change: { id: AccountId; version: number; fields: AccountChanges; now: number }): Promise<Account>
  /**
   * Deletes the account and frees its names; its id is never used again, so that nothing handed out to it is worth anything. `has_children`:
   * accounts stand below it, and nothing was deleted. The head of its policies goes with it.
   * `not_found`; `conflict`: it would leave no active super-admin, whatever runs in parallel.
   */
  delete(target: { id: AccountId; now: number }): Promise<'deleted' | 'has_children'>
  /** An account to which a policy of this full name is attached, as a policy or a boundary. */
  findAttached(policy: string): Promise<AccountId | undefined>
}

/** What `update` can change; what is left out stays. */
export type AccountChanges = Partial<Pick<Account, 'name' | 'email' | 'attributes' | 'policies' | 'boundary'>>

export interface NewOtp {
  readonly phone: Phone
  readonly purpose: OtpPurpose
  readonly clientId: string
  /** Random, at least 128 bits; a part of what the code's MAC covers. */
  readonly challengeId: string
  readonly codeMac: string
  readonly now: number
  readonly expiresAt: number
  /** The code for the outgoing queue, encrypted under a key outside the store. */
  readonly sealedCode: string
  /** Until then only the caller may deliver it; afterwards `claimDeliveries` hands it out. */
  readonly deliverAfter: number
}

export interface OtpDelivery {
  readonly phone: Phone
  readonly purpose: OtpPurpose
  readonly challengeId: string
  readonly sealedCode: string
  readonly expiresAt: number
  /** Sends begun before this one. */
  readonly attempts: number
}

export interface OtpStore {
  /**
   * Makes this the one live code of (phone, purpose), replacing any other. Tries already used carry over until the life of the first code
   * of the run has passed or a code of it was consumed; only then do they start at zero.
   */
  save(otp: NewOtp): Promise<void>
  /** The challenge whose code would be accepted now, if its tries are not used up. */
  find(phone: Phone, purpose: OtpPurpose): Promise<{ challengeId: string; clientId: string } | undefined>
  /**
   * One attempt at a code, in one conditional write. `consumed`: challenge, client and MAC match, it is live, within its tries, and was not
   * consumed before; true for one caller only. `wrong`: a try was counted. `exhausted`: its tries were used up before; nothing was evaluated.
   * `absent`: there is no such live challenge. `limited`: the phone has had `maxWrong` wrong evaluations within `wrongWindowMs` (counted over
   * all its codes, forgotten after a success); nothing was evaluated. Attempts that are not evaluated count nowhere.
   */
  consume(attempt: {
    phone: Phone
    purpose: OtpPurpose
    clientId: string
    challengeId: string
    codeMac: string
    maxTries: number
    maxWrong: number
    wrongWindowMs: number
    now: number
  }): Promise<OtpOutcome>
  /** Takes up to `limit` undelivered live codes that are due, for `leaseMs`; no two callers get one within its lease. */
  claimDeliveries(claim: { now: number; leaseMs: number; limit: number }): Promise<OtpDelivery[]>
  /** Ends a delivery (and erases the sealed code), or puts it off to `retryAt`. Nothing happens if the challenge was replaced. */
  settleDelivery(settlement: {
    phone: Phone
    purpose: OtpPurpose
    challengeId: string
    retryAt: number | null
  }): Promise<void>
}

/** `rotated` and `replayed` carry the session after the step. `reused` and `first: true` is answered to exactly one caller. */
export type RotateOutcome =
  | { readonly kind: 'rotated' | 'replayed'; readonly session: Session }
  | { readonly kind: 'reused'; readonly first: boolean }
  | { readonly kind: 'refused' }

export interface SessionStore {
  insert(session: Session): Promise<void>
  get(id: SessionId): Promise<Session | undefined>
  /**
   * Rotates the refresh token by one compare-and-set on its rotation number.
   * `rotated`: token `presented` was the live one; its successor is now. `replayed`: it is the direct parent of the live one and was rotated
   * at most `graceMs` ago (or, by a stepped clock, ahead): nothing changed. `reused`: it is older, or its grace has passed: the session is
   * revoked. `refused`: there is no such session, it is revoked, of another client, or past its idle or absolute expiry: nothing changed.
   * The caller has verified that the token belongs to this session's chain.
   */
  rotate(step: {
    id: SessionId
    presented: number
    clientId: string
    successorDigest: string
    idleExpiresAt: number
    graceMs: number
    now: number
  }): Promise<RotateOutcome>
  /** Moves a session to a new epoch of its account (after a password change). */
  setEpoch(id: SessionId, epoch: number): Promise<void>
  /** Ends one session of an account. False: there is none that is not already revoked. */
  revoke(target: { id: SessionId; accountId: AccountId; now: number }): Promise<boolean>
  /** Ends every session of an account but `except`; answers how many were live before. */
  revokeAll(target: { accountId: AccountId; except: SessionId | null; now: number }): Promise<number>
  /** Sessions that are neither revoked nor expired, newest first, at most 200. */
  list(accountId: AccountId, now: number): Promise<Session[]>
}

export type RefreshKeyOutcome = 'ok' | 'wrong' | 'locked' | 'absent'

export interface RefreshKeyStore {
  /**
   * Sets the key. With none of this epoch set, `oldMac` is not looked at. Otherwise: `ok` only if `oldMac` matches; `wrong` counts a try;
   * `locked` when the tries are used up; `absent` when `oldMac` is null though a key is set.
   */
  set(change: {
    accountId: AccountId
    epoch: number
    mac: string
    oldMac: string | null
    maxTries: number
    now: number
  }): Promise<RefreshKeyOutcome>
  /** One attempt at the key, counted in the same write; `ok` clears the count. `absent`: none is set in this epoch. */
  verify(attempt: {
    accountId: AccountId
    epoch: number
    mac: string
    maxTries: number
  }): Promise<RefreshKeyOutcome>
  /** Clears the count of wrong tries after a full sign-in. */
  unlock(accountId: AccountId): Promise<void>
}

export interface Limit {
  /** What is counted, such as `otp-send:+919876543210`. */
  readonly key: string
  /** At most `limit` in each window of `windowMs`, which begins with the first event in it. All windows of a key count together. */
  readonly windows: readonly { readonly limit: number; readonly windowMs: number }[]
}

export type LimitOutcome =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly key: string; readonly retryAfterMs: number }

export interface LimitStore {
  /**
   * Takes one event from each limit in turn and stops at the first that has none left; what was taken before stays taken. A refused event
   * is not counted. Exact over all processes: in one window never more than `limit` are allowed.
   */
  take(limits: readonly Limit[], now: number): Promise<LimitOutcome>
  /** Forgets what was counted for a key, such as wrong guesses after a success. */
  forget(key: string): Promise<void>
}

export type IdempotencyOutcome =
  | { readonly kind: 'started' }
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'mismatch' }
  | { readonly kind: 'replay'; readonly sealedReply: string }

export interface IdempotencyStore {
  /**
   * Claims a key for a request. `started` for one caller until `leaseUntil`; a later call with the same fingerprint gets the reply once it is
   * finished, or the claim if its holder has let the lease pass. Another fingerprint is a `mismatch`.
   */
  begin(claim: {
    key: string
    fingerprint: string
    now: number
    leaseUntil: number
    expiresAt: number
  }): Promise<IdempotencyOutcome>
  /** Keeps the sealed reply. */
  finish(key: string, fingerprint: string, sealedReply: string): Promise<void>
  /** Gives an unfinished claim up, so that the request can be made again. */
  abandon(key: string, fingerprint: string): Promise<void>
}

/** What the cleaning job removes once expired. */
export const SWEPT = ['otps', 'sessions', 'idempotency', 'limits'] as const
export type Swept = (typeof SWEPT)[number]

/** Proof of holding a job; the number grows with every claim, and a holder with an older one has no effect. */
export interface Fence {
  readonly job: string
  readonly token: number
}

export interface LeaseStore {
  /**
   * Claims one scheduled run of a job. Undefined: this slot (epoch ms of the schedule) or a later one was claimed before, or another holder's
   * lease has not passed. Over all processes each slot is claimed at most once.
   */
  claimSlot(claim: { job: string; slot: number; now: number; leaseMs: number }): Promise<Fence | undefined>
  /** Ends the lease early. Nothing happens if the fence is not the latest. */
  release(fence: Fence): Promise<void>
  /** Deletes up to `limit` expired rows; answers how many. `stale`: the fence is not the latest, and nothing was deleted. */
  sweep(swept: Swept, fence: Fence, now: number, limit: number): Promise<number>
}

export interface StoredSigningKey extends KeyTimes {
  readonly kid: string
  readonly alg: 'EdDSA'
  /** The public JWK as JSON. */
  readonly publicJwk: string
  /** The private JWK, encrypted under a key outside the store. */
  readonly sealedPrivateJwk: string
  readonly createdAt: number
}

export interface SigningKeyStore {
  /** Every key, oldest first. */
  list(): Promise<StoredSigningKey[]>
  /** Adds a key under its sequence number. False: there is one of that number; of parallel additions of one number exactly one is made. */
  add(key: StoredSigningKey): Promise<boolean>
  /** Marks a key as revoked. False: there is none of that id that is not revoked already. */
  revoke(kid: string, now: number): Promise<boolean>
  /**
   * Calls back soon after the keys may have changed, on stores that can tell; a hint that may be late or missing, so callers look by themselves
   * as well. Answers how to stop.
   */
  watch(changed: () => void): () => Promise<void>
}

/** Which revision of a namespace is in force. */
export interface PolicyHead {
  /** `root`, or the id of the account whose policies they are. */
  readonly namespace: string
  /** The id of the revision. */
  readonly revision: string
  /** How many revisions came before it, and one. */
  readonly number: number
}

/** A text under the digest of itself; it never changes. */
export interface ContentAddressed {
  readonly hash: string
  readonly content: string
}

export interface PolicyStore {
  /** The head of every namespace that has one. */
  heads(): Promise<PolicyHead[]>
  /** Those of these texts, revisions and documents, that exist. */
  read(hashes: readonly string[]): Promise<ContentAddressed[]>
  /**
   * Keeps the texts and moves the head of a namespace from one revision (null: it has none yet) to another, which is among them or was kept
   * before. False: the head is elsewhere by now, and it stays. Nobody sees the head moved before all texts are there. `owner` is the account of the
   * namespace, null for that of the root. `not_found`: it is gone, and has no head.
   */
  moveHead(move: {
    head: PolicyHead
    from: string | null
    texts: readonly ContentAddressed[]
    owner: AccountId | null
  }): Promise<boolean>
  /** Calls back soon after a head may have moved; a hint, as that of the signing keys. Answers how to stop. */
  watch(changed: () => void): () => Promise<void>
}

export interface PlaceQuery {
  readonly box?: Box
  readonly type?: PlaceKind
  /** Places with a greater id. */
  readonly after?: string
  readonly limit: number
}

export interface PlaceStore {
  /** Creates and replaces by id, all or nothing, and raises the revision if anything changed. Equal places are left alone. */
  upsertMany(places: readonly Place[]): Promise<{ created: number; updated: number; unchanged: number }>
  /** Grows with every change of the directory. */
  revision(): Promise<number>
  get(id: string): Promise<Place | undefined>
  /** One page, ordered by id. */
  list(query: PlaceQuery): Promise<Place[]>
}
