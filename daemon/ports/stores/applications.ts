import type { AccountId, KnownAccount } from '../../domain/account.ts'
import type { Application, ApplicationId, ServiceKeyId } from '../../domain/application.ts'

/** Which applications a page lists, in the order of their ids, which is that of their creation. */
export interface ApplicationQuery {
  /** Only those of this account and of accounts below it; null: all. */
  readonly scope: AccountId | null
  /** Only those of this account; the caller has seen to it that it is in scope. */
  readonly ownerId?: AccountId
  readonly after?: ApplicationId
  readonly limit: number
}

/** What `update` can change; what is left out stays. */
export type ApplicationChanges = Partial<
  Pick<Application, 'name' | 'status' | 'policies' | 'keys' | 'publicKeys'>
>

/** An application with the account that it acts for. */
export interface OwnedApplication {
  readonly application: Application
  /** Its owner and those above it, as `getLineageOf` of the accounts answers them. */
  readonly lineage: readonly KnownAccount[]
}

/** Keeps the applications with their service keys. */
export interface ApplicationStore {
  /**
   * Inserts. `conflict`: its owner has `most` already; whatever is inserted in parallel, no more than `most`
   * are ever there. `not_found`: its owner is gone; of an insertion and the deletion of the owner at the same
   * time, no application is left.
   */
  insert(application: Application, most: number): Promise<void>
  /** What it answers is shared, and nobody may change it. */
  get(id: ApplicationId): Promise<Application | undefined>
  /**
   * The application and the accounts by which it is judged, in one round trip where it was asked for before.
   * Each of them is what it is after the question was asked. What it answers is shared, and nobody may change
   * it.
   */
  getOwned(id: ApplicationId): Promise<OwnedApplication | undefined>
  /** One page, in the order of the ids. */
  list(query: ApplicationQuery): Promise<Application[]>
  /**
   * Changes these fields if the application still is of this version, by one conditional write: of parallel
   * changes of one version exactly one is made. `not_found`; `stale`: it has another version. Returns the
   * application as changed.
   */
  update(change: {
    id: ApplicationId
    version: number
    fields: ApplicationChanges
    now: number
  }): Promise<Application>
  /**
   * Notes a use of a key, if none is noted since `before`. The version stays. A use that is noted while the
   * keys change may be lost.
   */
  noteUse(use: { id: ApplicationId; keyId: ServiceKeyId; now: number; before: number }): Promise<void>
  /** Deletes the application; its id is never used again. False: there is none. */
  delete(id: ApplicationId): Promise<boolean>
  /** An application whose session layer names this policy by its full name. */
  findNaming(policy: string): Promise<ApplicationId | undefined>
}
