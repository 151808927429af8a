import type { ChangeStream, Document } from 'mongodb'
import { COLLECTION_NAMES, type CollectionName } from './collections.ts'
import { TOLD_BY_MAJORITY, type Connection } from './connection.ts'

/** The collections that every daemon follows from its start. */
const FOLLOWED = [COLLECTION_NAMES.signingKeys, COLLECTION_NAMES.policyHeads] as const
type FollowedName = (typeof FOLLOWED)[number]

interface FollowedEvent extends Document {
  readonly ns?: { readonly coll: CollectionName }
}

const REOPEN_MS = 1000

/**
 * Tells of changes in the followed collections by one change stream for all of them: the server looks at
 * every write of the deployment for each stream, also at those that it does not tell.
 */
export class Followed {
  readonly #connection: Connection
  readonly #watchers = new Map<() => void, FollowedName>()
  #stream: ChangeStream<Document, FollowedEvent> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /**
   * Calls back when something in a collection changes, where the deployment tells, and when something may
   * have changed unseen. Answers how to stop.
   */
  watch(name: FollowedName, changed: () => void): () => Promise<void> {
    if (!this.#connection.isReplicated) return () => Promise.resolve()
    this.#watchers.set(changed, name)
    if (this.#watchers.size === 1) this.#open()
    return () => this.#unwatch(changed)
  }

  async #unwatch(changed: () => void): Promise<void> {
    this.#watchers.delete(changed)
    if (this.#watchers.size > 0) return
    clearTimeout(this.#timer)
    await this.#stream?.close()
  }

  #tell(collection?: CollectionName): void {
    for (const [changed, name] of this.#watchers)
      if (collection === undefined || name === collection) changed()
  }

  #open(): void {
    const stream = this.#connection.db.watch<Document, FollowedEvent>(
      [{ $match: { 'ns.coll': { $in: FOLLOWED } } }, { $project: { ns: 1 } }],
      { readConcern: TOLD_BY_MAJORITY },
    )
    this.#stream = stream
    stream.on('change', ({ ns }) => this.#tell(ns?.coll))
    // The driver resumes by itself where it can; where it cannot, a new stream begins and one look covers the
    // gap.
    stream.once('error', () => {
      void stream.close().catch(() => undefined)
      if (this.#watchers.size === 0) return
      this.#timer = setTimeout(() => {
        this.#open()
        this.#tell()
      }, REOPEN_MS).unref()
    })
  }
}
