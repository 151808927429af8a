import { dirname } from 'node:path'
import type { Step } from './recorded-writes.ts'

const SECTOR = 512

type Change = Exclude<Step, { kind: 'sync' | 'answer' }>

interface StoredFile {
  /** What a power cut leaves for certain. */
  durable: Buffer
  /** What it may leave, in whole, in part or not at all. */
  pending: Change[]
  /** Whether its entry in the directory is certain. */
  isNamed: boolean
}

const applyAll = (content: Buffer, changes: readonly Change[]): Buffer => {
  const ends = changes.map((change) =>
    change.kind === 'write'
      ? change.offset + change.data.length
      : change.kind === 'truncate'
        ? change.size
        : 0,
  )
  const room = Buffer.alloc(Math.max(content.length, ...ends))
  content.copy(room)
  let size = content.length
  for (const change of changes) {
    if (change.kind === 'write') {
      change.data.copy(room, change.offset)
      size = Math.max(size, change.offset + change.data.length)
    } else {
      const next = change.kind === 'truncate' ? change.size : 0
      room.fill(0, next)
      size = next
    }
  }
  return room.subarray(0, size)
}

/** A write of which some sectors reached the disk. */
const tear = (change: Change, random: () => number): Change[] => {
  if (change.kind !== 'write') return [change]
  const sectors = Array.from({ length: Math.ceil(change.data.length / SECTOR) }, (_, sector) => sector)
  return sectors
    .filter(() => random() < 0.5)
    .map((sector) => ({
      ...change,
      offset: change.offset + sector * SECTOR,
      data: change.data.subarray(sector * SECTOR, (sector + 1) * SECTOR),
    }))
}

/** How much of what was not synced a power cut leaves. */
export type Loss = 'nothing' | 'everything' | 'some' | 'torn'

const survivors = (pending: readonly Change[], loss: Loss, random: () => number): readonly Change[] => {
  if (loss === 'nothing') return pending
  if (loss === 'everything') return []
  const kept = pending.filter(() => random() < 0.5)
  return loss === 'some' ? kept : kept.flatMap((change) => tear(change, random))
}

/**
 * A disk that keeps what was synced, and of the rest whatever it likes: writes of one file and of several
 * reach it in any order. With `honoursSync: false` it is one that lies, to show that the replay would notice.
 */
export class Disk {
  readonly #files = new Map<string, StoredFile>()
  readonly #honoursSync: boolean

  constructor({ honoursSync = true }: { honoursSync?: boolean } = {}) {
    this.#honoursSync = honoursSync
  }

  take(step: Exclude<Step, { kind: 'answer' }>): void {
    if (step.kind === 'sync') {
      if (this.#honoursSync) this.#sync(step.file)
      return
    }
    const file = this.#files.get(step.file) ?? { durable: Buffer.alloc(0), pending: [], isNamed: false }
    this.#files.set(step.file, file)
    file.pending.push(step)
  }

  /** What a power cut at this moment leaves: the content of each file that is there. */
  cut(loss: Loss, random: () => number): Map<string, Buffer> {
    const image = new Map<string, Buffer>()
    for (const [path, file] of this.#files) {
      if (!file.isNamed && loss !== 'nothing' && random() < 0.5) continue
      const kept = survivors(file.pending, loss, random)
      const content = applyAll(file.durable, kept)
      if (kept.at(-1)?.kind !== 'unlink') image.set(path, content)
    }
    return image
  }

  #sync(path: string): void {
    const file = this.#files.get(path)
    if (file !== undefined) {
      file.durable = applyAll(file.durable, file.pending)
      file.pending = []
      return
    }
    for (const [name, { pending }] of this.#files) {
      if (dirname(name) !== path) continue
      if (pending.at(-1)?.kind === 'unlink') this.#files.delete(name)
      else (this.#files.get(name) as StoredFile).isNamed = true
    }
  }
}
