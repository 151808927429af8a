import type { DaemonRecord } from '../../domain/daemon-record.ts'

/** Keeps what the daemons of the store say of themselves. */
export interface DaemonStore {
  /**
   * Keeps a record in place of the one before of the same daemon. False: a later one (by `beat`) is there
   * already, and stays.
   */
  beat(record: DaemonRecord): Promise<boolean>
  /**
   * The records that have not expired at `now`, of daemons that live and of some that are gone, by their ids.
   */
  list(now: number): Promise<DaemonRecord[]>
  /** A daemon ends: it counts as gone from `now` on. */
  leave(id: string, now: number): Promise<void>
}
