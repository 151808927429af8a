import type { Collection, Db } from 'mongodb'
import type { Account, AccountId } from '../../domain/account.ts'
import type { Application, ApplicationId } from '../../domain/application.ts'
import type { OtpPurpose } from '../../domain/otp.ts'
import type { AgentRecord } from '../../domain/agent-record.ts'
import type { DaemonRecord } from '../../domain/daemon-record.ts'
import type { Device } from '../../domain/device.ts'
import type { Place } from '../../domain/place.ts'
import type { Session, SessionId } from '../../domain/session.ts'
import type { MoveProgress } from '../../ports/archive.ts'
import type { StoredSigningKey } from '../../ports/stores/index.ts'

/** An account; `_id` is its id. */
export interface AccountDoc extends Omit<Account, 'id' | 'policies' | 'boundary'> {
  readonly _id: AccountId
  readonly policies?: Account['policies']
  readonly boundary?: Account['boundary']
  /**
   * `live`: an account. `pending`: being inserted, and seen by nobody until its names are reserved. `void`:
   * given up; it can never become live.
   */
  readonly state: 'pending' | 'live' | 'void'
  /** Its path, written when it is deleted: who hears of the deletion may not know the account. */
  readonly endedPath?: string
  /** Only while not live; a TTL index removes what a crash has left behind. */
  readonly pendingSince?: Date
  /** The lists that it is in: `users`, or `tree` and the id of every ancestor. */
  readonly scopes: readonly string[]
  /** Its place in every list: (createdAt, id) as one string that sorts alike. */
  readonly order: string
  /** Every policy attached to it, as a policy or a boundary; absent where there is none. */
  readonly attached?: readonly string[]
  /**
   * Raised by callers that must know its present state from the true primary: a write can only be
   * acknowledged there.
   */
  readonly witness: number
  /** Raised when a disablement is called off, so that it cannot take effect any more. */
  readonly fence: number
}

/** An application; `_id` is its id. */
export interface ApplicationDoc extends Omit<Application, 'id' | 'publicKeys'> {
  readonly _id: ApplicationId
  /** Absent: it was inserted by a daemon that knew none. */
  readonly publicKeys?: Application['publicKeys']
  /** The path of the owner, while it is being deleted: for those who follow what changes. */
  readonly endedPath?: string
  /** The lists that it is in: that of all, and those of its owner and of every account above. */
  readonly scopes: readonly string[]
}

/** Who holds a name: `_id` is the name, so that it is unique on one server and on a cluster sharded by it. */
export interface ReservationDoc {
  readonly _id: string
  readonly accountId: AccountId
}

/** The one-time code of (phone, purpose); `_id` joins both. Its application is stored as `clientId`. */
export interface OtpDoc {
  readonly _id: string
  readonly phone: string
  readonly purpose: OtpPurpose
  readonly clientId: string
  readonly challengeId: string
  readonly codeMac: string
  readonly expiresAt: number
  readonly consumedAt: number | null
  readonly tries: number
  readonly triesUntil: number
  readonly wrongCount: number
  readonly wrongUntil: number
  /** Absent once delivered; the index of what is due holds only those that have it. */
  readonly sealedCode?: string
  readonly deliverAfter: number
  readonly deliveryAttempts: number
  /** When nothing in it counts any more. */
  readonly removableAt: number
}

/** A session; `_id` is its id. Its application is stored as `clientId`. */
export interface SessionDoc extends Omit<Session, 'id' | 'applicationId'> {
  readonly _id: SessionId
  readonly clientId: string
}

/** The refresh key of an account; `_id` is the id of the account. */
export interface RefreshKeyDoc {
  readonly _id: AccountId
  readonly epoch: number
  readonly mac: string
  readonly wrongTries: number
  readonly setAt: number
}

/** What was counted for a key: window n began at `s<n>` and has `c<n>` events. */
export interface LimitDoc {
  readonly _id: string
  readonly expiresAt: number
  readonly [window: `${'s' | 'c'}${number}`]: number
}

/** A claimed idempotency key and, once it is there, the sealed reply. */
export interface IdempotencyDoc {
  readonly _id: string
  readonly fingerprint: string
  readonly leaseUntil: number
  readonly expiresAt: number
  readonly sealedReply: string | null
}

/** The last claim of a job; `_id` is the job. */
export interface LeaseDoc {
  readonly _id: string
  readonly slot: number
  readonly fence: number
  readonly expiresAt: number
}

/** A signing key; `_id` is its sequence number. */
export interface SigningKeyDoc extends StoredSigningKey {
  readonly _id: string
}

/** A text of the policies; `_id` is its digest. */
export interface PolicyTextDoc {
  readonly _id: string
  readonly content: string
  /** When a change brought it the last time; those of older versions have none. */
  readonly keptAt?: number
}

/** The head of a namespace, which is its `_id`. */
export interface PolicyHeadDoc {
  readonly _id: string
  readonly revision: string
  readonly number: number
}

/** A place of the directory; `_id` is its id. */
export interface PlaceDoc extends Omit<Place, 'id'> {
  readonly _id: string
  /** The revision of the directory that wrote it. */
  readonly revision: number
  /**
   * Taken away then: it is no place any more, and stays for a day, so that a daemon that stalled in the
   * middle of an older import does not bring it back.
   */
  readonly deletedAt?: Date
}

/** What a daemon says of itself; `_id` is its id. */
export interface DaemonDoc extends Omit<DaemonRecord, 'id'> {
  readonly _id: string
}

/** A device that asks to be signed in; `_id` is its id. Its application is stored as `clientId`. */
export interface DeviceDoc extends Omit<Device, 'id' | 'applicationId'> {
  readonly _id: string
  readonly clientId: string
}

/** What is used up; `_id` is its key. */
export interface SpentDoc {
  readonly _id: string
  readonly expiresAt: number
  /** Where the account stands that it concerns; absent, or null: it is told to nobody. */
  readonly path?: string | null
}

/** What a process of an application says of itself; `_id` is its id. */
export interface AgentDoc extends Omit<AgentRecord, 'id'> {
  readonly _id: string
}

/** A disablement under way; it takes effect only on this version and fence of the account. */
export interface Disablement {
  readonly id: AccountId
  readonly version: number
  readonly fence: number
  readonly now: number
}

/** Documents through which everything of one kind goes, one after the other. */
export type GuardDoc =
  | ({ readonly _id: 'import'; readonly finished: boolean } & MoveProgress)
  | { readonly _id: 'schema'; readonly version: number }
  | { readonly _id: 'changes'; readonly mark: string }
  | { readonly _id: 'super-admins'; readonly revision: number; readonly disabling: Disablement | null }
  | { readonly _id: 'places'; readonly revision: number; readonly importing: readonly PlaceDoc[] | null }

/** Every collection of the database, with the type of its documents. */
export interface Collections {
  readonly accounts: Collection<AccountDoc>
  readonly applications: Collection<ApplicationDoc>
  readonly reservations: Collection<ReservationDoc>
  readonly otps: Collection<OtpDoc>
  readonly sessions: Collection<SessionDoc>
  readonly refreshKeys: Collection<RefreshKeyDoc>
  readonly limits: Collection<LimitDoc>
  readonly idempotency: Collection<IdempotencyDoc>
  readonly leases: Collection<LeaseDoc>
  readonly signingKeys: Collection<SigningKeyDoc>
  readonly policyTexts: Collection<PolicyTextDoc>
  readonly policyHeads: Collection<PolicyHeadDoc>
  readonly places: Collection<PlaceDoc>
  readonly daemons: Collection<DaemonDoc>
  readonly devices: Collection<DeviceDoc>
  readonly spent: Collection<SpentDoc>
  readonly agents: Collection<AgentDoc>
  readonly guards: Collection<GuardDoc>
}

/** The collections by the names that the database has them under. */
export const COLLECTION_NAMES = {
  accounts: 'accounts',
  applications: 'applications',
  reservations: 'reservations',
  otps: 'otps',
  sessions: 'sessions',
  refreshKeys: 'refresh_keys',
  limits: 'limits',
  idempotency: 'idempotency',
  leases: 'leases',
  signingKeys: 'signing_keys',
  policyTexts: 'policy_texts',
  policyHeads: 'policy_heads',
  places: 'places',
  daemons: 'daemons',
  devices: 'devices',
  spent: 'spent',
  agents: 'agents',
  guards: 'guards',
} as const satisfies Readonly<Record<keyof Collections, string>>
/** The name of a collection in the database. */
export type CollectionName = (typeof COLLECTION_NAMES)[keyof Collections]

/** The typed collections of a database. */
export const collectionsOf = (db: Db): Collections => ({
  accounts: db.collection(COLLECTION_NAMES.accounts),
  applications: db.collection(COLLECTION_NAMES.applications),
  reservations: db.collection(COLLECTION_NAMES.reservations),
  otps: db.collection(COLLECTION_NAMES.otps),
  sessions: db.collection(COLLECTION_NAMES.sessions),
  refreshKeys: db.collection(COLLECTION_NAMES.refreshKeys),
  limits: db.collection(COLLECTION_NAMES.limits),
  idempotency: db.collection(COLLECTION_NAMES.idempotency),
  leases: db.collection(COLLECTION_NAMES.leases),
  signingKeys: db.collection(COLLECTION_NAMES.signingKeys),
  policyTexts: db.collection(COLLECTION_NAMES.policyTexts),
  policyHeads: db.collection(COLLECTION_NAMES.policyHeads),
  places: db.collection(COLLECTION_NAMES.places),
  daemons: db.collection(COLLECTION_NAMES.daemons),
  devices: db.collection(COLLECTION_NAMES.devices),
  spent: db.collection(COLLECTION_NAMES.spent),
  agents: db.collection(COLLECTION_NAMES.agents),
  guards: db.collection(COLLECTION_NAMES.guards),
})
