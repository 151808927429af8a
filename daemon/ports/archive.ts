/**
 * Everything that a store keeps, by kind, in the order in which it is moved: what others refer to comes
 * first.
 */
export const ARCHIVED = [
  'signingKeys',
  'accounts',
  'applications',
  'refreshKeys',
  'sessions',
  'otps',
  'limits',
  'idempotency',
  'leases',
  'policyTexts',
  'policyHeads',
  'places',
  'revisions',
  'daemons',
  'devices',
  'spent',
  'agents',
] as const
/** A kind of record that an archive holds. */
export type Archived = (typeof ARCHIVED)[number]

/** One record in the form that is the same on every store: names of the domain, null for what is absent. */
export interface ArchiveRecord {
  /** Unique within its kind; records are read in the order of its bytes. */
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

/** Something is there already where a copy or a store is to be written: nothing was changed. */
export class TargetTaken extends Error {
  override readonly name = 'TargetTaken'
}

/** A store that is not in use, read record by record. */
export interface ArchiveReader {
  /** Up to `limit` records with greater keys, in order. */
  read(kind: Archived, after: string | undefined, limit: number): Promise<ArchiveRecord[]>
  close(): Promise<void>
}

/** How far a move into this store has come. */
export interface MoveProgress {
  /** Which store it comes from; another one is refused until this move is finished. */
  readonly source: string
  readonly kind: Archived
  /** The last key of that kind that is written; null: none. */
  readonly after: string | null
}

/** A store that is being filled from another. Until `finish`, no daemon opens it. */
export interface ArchiveWriter extends ArchiveReader {
  /**
   * Begins, or goes on with what an earlier call has begun. Throws when the store has contents of its own, or
   * of another source.
   */
  begin(source: string): Promise<MoveProgress>
  /** Writes records and then the progress; repeating it changes nothing. */
  write(records: readonly ArchiveRecord[], progress: MoveProgress): Promise<void>
  /** Opens the store to daemons. */
  finish(): Promise<void>
}
