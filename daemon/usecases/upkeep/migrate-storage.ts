import { canonicalJson } from '../../../policies/index.ts'
import {
  ARCHIVED,
  type Archived,
  type ArchiveReader,
  type ArchiveRecord,
  type ArchiveWriter,
} from '../../ports/archive.ts'

const BATCH = 1000

/** What one kind of record came to: the same on both sides, or the move has failed. */
export interface MovedKind {
  readonly kind: Archived
  readonly count: number
  /** SHA-256 over all records in the order of their keys. */
  readonly sha256: string
}

/** How far a move has come: records of one kind copied, or compared. */
export interface MoveStep {
  readonly stage: 'copy' | 'verify'
  readonly kind: Archived
  readonly count: number
}

/** SHA-256, fed piece by piece. */
export interface Digest {
  update(text: string): void
  hex(): string
}

/** Calls `use` with the records of a kind, batch by batch. */
const eachBatch = async (
  from: ArchiveReader,
  kind: Archived,
  start: string | null,
  use: (records: ArchiveRecord[]) => Promise<void> | void,
): Promise<void> => {
  let after = start ?? undefined
  for (;;) {
    const records = await from.read(kind, after, BATCH)
    if (records.length > 0) await use(records)
    if (records.length < BATCH) return
    after = records.at(-1)?.key
  }
}

const summarise = async (
  from: ArchiveReader,
  kind: Archived,
  hash: Digest,
  tell: (count: number) => void,
): Promise<MovedKind> => {
  let count = 0
  await eachBatch(from, kind, null, (records) => {
    for (const { key, value } of records) hash.update(`${JSON.stringify(key)}:${canonicalJson(value)}\n`)
    count += records.length
    tell(count)
  })
  return { kind, count, sha256: hash.hex() }
}

/**
 * Moves everything from one store to another that no daemon uses yet, then compares both sides by counts and
 * digests, and only then opens the new one to daemons. A move that was interrupted goes on where it was when
 * it is repeated. Throws when the sides differ.
 */
export const migrateStorage = async (
  source: ArchiveReader,
  target: ArchiveWriter,
  {
    sourceName,
    newDigest,
    tell,
  }: { sourceName: string; newDigest: () => Digest; tell: (step: MoveStep) => void },
): Promise<MovedKind[]> => {
  const begun = await target.begin(sourceName)
  for (const kind of ARCHIVED.slice(ARCHIVED.indexOf(begun.kind))) {
    let count = 0
    await eachBatch(source, kind, kind === begun.kind ? begun.after : null, async (records) => {
      await target.write(records, { source: sourceName, kind, after: records.at(-1)?.key ?? null })
      count += records.length
      tell({ stage: 'copy', kind, count })
    })
  }
  const moved: MovedKind[] = []
  for (const kind of ARCHIVED) {
    const [from, to] = await Promise.all([
      summarise(source, kind, newDigest(), (count) => tell({ stage: 'verify', kind, count })),
      summarise(target, kind, newDigest(), () => undefined),
    ])
    if (from.count !== to.count || from.sha256 !== to.sha256)
      throw new Error(
        `${kind}: ${from.count} records in the old store, ${to.count} in the new, or other contents`,
      )
    moved.push(from)
  }
  await target.finish()
  return moved
}
