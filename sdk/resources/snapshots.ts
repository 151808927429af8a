import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type {
  AccountFactsPage,
  PolicyChanges,
  Snapshot,
  SnapshotsAccountsQuery,
  SnapshotsChangesQuery,
  SnapshotsEventsQuery,
  SnapshotsGetQuery,
} from '../types.gen.ts'

/** What an application loads and follows to decide by itself; a decider does all of this. */
export const snapshots = (sender: Sender) => ({
  /** The policies that the application decides by; with `since`, what differs from that revision. */
  get: (query?: SnapshotsGetQuery, options?: CallOptions): Promise<Snapshot> =>
    sender.send(operations.snapshotsGet, { query }, options),
  /** Facts of accounts, by `ids` or page by page of those `below` one. */
  accounts: (query: SnapshotsAccountsQuery, options?: CallOptions): Promise<AccountFactsPage> =>
    sender.send(operations.snapshotsAccounts, { query }, options),
  /** The stream of what changes, as Server-Sent Events: its bytes, which do not end by themselves. */
  events: (query?: SnapshotsEventsQuery, options?: CallOptions): Promise<ReadableStream<Uint8Array>> =>
    sender.send(operations.snapshotsEvents, { query, isStream: true }, options),
  /** What has changed after a position; waits for it up to `wait` seconds. */
  changes: (query?: SnapshotsChangesQuery, options?: CallOptions): Promise<PolicyChanges> =>
    sender.send(operations.snapshotsChanges, { query }, options),
})
