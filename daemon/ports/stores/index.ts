import type { AccountStore } from './accounts.ts'
import type { ApplicationStore } from './applications.ts'
import type { OtpStore } from './otps.ts'
import type { SessionStore } from './sessions.ts'
import type { RefreshKeyStore } from './refresh-keys.ts'
import type { LimitStore } from './limits.ts'
import type { IdempotencyStore } from './idempotency.ts'
import type { LeaseStore } from './leases.ts'
import type { SigningKeyStore } from './signing-keys.ts'
import type { PolicyStore } from './policies.ts'
import type { PlaceStore } from './places.ts'
import type { SignInStore } from './sign-ins.ts'
import type { AgentStore } from './agents.ts'
import type { ChangeStore } from './changes.ts'
import type { DaemonStore } from './daemons.ts'
import type { DeviceStore } from './devices.ts'
import type { SpentStore } from './spent.ts'

/**
 * The store port. Every adapter keeps these promises, and `test/stores/` holds each of them to it:
 *
 * - **Atomic**: each verb is one conditional write (or one read). No verb needs a transaction that spans
 * calls; two callers, in one process
 *   or in many, see one order of verbs.
 * - **Durable**: when a writing verb resolves, its effect survives a crash of the process and of the machine.
 * - **Live**: a read that begins after a write has resolved sees it, on every process of the store.
 * - **Times** are epoch milliseconds and come in as arguments; an adapter never reads the clock. Expiry is
 * checked by the verb itself, never
 *   left to the sweep.
 * - **Failures** are `StoreFailure` with one of four kinds; expected outcomes of a verb are return values.
 */
export interface Store {
  readonly accounts: AccountStore
  readonly applications: ApplicationStore
  readonly otps: OtpStore
  readonly sessions: SessionStore
  readonly refreshKeys: RefreshKeyStore
  readonly signIns: SignInStore
  readonly limits: LimitStore
  readonly idempotency: IdempotencyStore
  readonly leases: LeaseStore
  readonly signingKeys: SigningKeyStore
  readonly policies: PolicyStore
  readonly places: PlaceStore
  readonly daemons: DaemonStore
  readonly changes: ChangeStore
  readonly devices: DeviceStore
  readonly spent: SpentStore
  readonly agents: AgentStore
  /** What the memory of reads has done; undefined where every read goes to the database. */
  readonly readCache: (() => ReadCacheFigures) | undefined
  /** What the store runs on, as operators see it. */
  readonly platform: StorePlatform
  /** Resolves when the store answers and has room for writes; throws `unavailable` otherwise. */
  ping(): Promise<void>
  /** Finishes waiting writes, then releases everything. */
  close(): Promise<void>
}

/** Reads by id since the start, answered from memory or not, and what is remembered at present. */
export interface ReadCacheFigures {
  readonly hits: number
  readonly misses: number
  readonly rows: number
  readonly mostRows: number
}

/** What a store runs on. */
export interface StorePlatform {
  readonly engine: 'SQLite' | 'MongoDB'
  /** The version of the engine, such as `8.0.17`. */
  readonly version: string
  readonly topology: 'file' | 'standalone' | 'replica-set' | 'sharded'
}

export * from './accounts.ts'
export * from './agents.ts'
export * from './applications.ts'
export * from './changes.ts'
export * from './daemons.ts'
export * from './devices.ts'
export * from './failure.ts'
export * from './idempotency.ts'
export * from './leases.ts'
export * from './limits.ts'
export * from './otps.ts'
export * from './places.ts'
export * from './policies.ts'
export * from './refresh-keys.ts'
export * from './sessions.ts'
export * from './sign-ins.ts'
export * from './signing-keys.ts'
export * from './spent.ts'
