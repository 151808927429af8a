import { MongoServerError, Timestamp, type ChangeStream, type ChangeStreamOptions } from 'mongodb'
import { CHANGE_STAGES, happenedIn, type ChangeEvent, type Happened } from './change-events.ts'
import { TOLD_BY_MAJORITY, type Connection } from './connection.ts'

/** What happened, under the token of its event. Tokens sort as the events did. */
export interface TailEntry {
  readonly token: string
  readonly happened: Exclude<Happened, { kind: 'mark' }>
}

/** How far back a tail begins, for those who go on from a position that another daemon has told. */
const BACK_SECONDS = 300
const MOST_KEPT = 20_000
const REOPEN_MS = 250
/** The change log does not go back so far, or the stream cannot go on. */
const HISTORY_LOST: ReadonlySet<unknown> = new Set([280, 286])

const isLost = (error: unknown): boolean => error instanceof MongoServerError && HISTORY_LOST.has(error.code)

/**
 * The end of the database's own log of changes, kept in memory. It goes on by itself after the loss of a
 * connection or a primary, from where it was; only if the server no longer knows that place, what was kept is
 * forgotten.
 */
export class ChangeTail {
  readonly #connection: Connection
  readonly #told: () => void
  readonly #marks = new Map<string, () => void>()
  #entries: TailEntry[] = []
  /** Everything after it is among the entries. */
  #floor: string | undefined
  #last: string | undefined
  #stream: ChangeStream | undefined
  #begun: Promise<void> | undefined
  #isStopped = false

  /** @param told called whenever there is something new */
  constructor(connection: Connection, told: () => void) {
    this.#connection = connection
    this.#told = told
  }

  /** Begins, unless it has; rejects while the server does not answer. */
  begin(): Promise<void> {
    this.#begun ??= this.#start().catch((error: unknown) => {
      this.#begun = undefined
      throw error
    })
    return this.#begun
  }

  /** Where it has come to; undefined before anything is known. */
  get position(): string | undefined {
    return this.#last
  }

  /** What came after a position; undefined if that is not known any more, or not yet. */
  after(position: string): readonly TailEntry[] | undefined {
    if (this.#floor === undefined || this.#last === undefined) return undefined
    if (position < this.#floor || position > this.#last) return undefined
    return this.#entries.filter(({ token }) => token > position)
  }

  /** Whether the event of a mark comes in time. */
  seen(mark: string, withinMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (isSeen: boolean): void => {
        clearTimeout(timer)
        this.#marks.delete(mark)
        resolve(isSeen)
      }
      const timer = setTimeout(() => settle(false), withinMs)
      this.#marks.set(mark, () => settle(true))
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#stream?.close().catch(() => undefined)
  }

  async #start(): Promise<void> {
    const { operationTime } = await this.#connection.db.command({ ping: 1 })
    const from =
      operationTime instanceof Timestamp
        ? new Timestamp({ t: Math.max(1, operationTime.getHighBits() - BACK_SECONDS), i: 1 })
        : undefined
    this.#open(from === undefined ? {} : { startAtOperationTime: from })
  }

  #open(start: Pick<ChangeStreamOptions, 'startAtOperationTime' | 'resumeAfter'>): void {
    if (this.#isStopped) return
    const stream = this.#connection.db.watch(CHANGE_STAGES, { ...start, readConcern: TOLD_BY_MAJORITY })
    this.#stream = stream
    stream.on('resumeTokenChanged', (token: unknown) => this.#reached(token as ChangeEvent['_id']))
    stream.on('change', (event: unknown) => this.#take(event as ChangeEvent))
    stream.once('error', (error) => this.#reopen(stream, error))
  }

  /** Goes on from where it was, or from now where that is lost. */
  #reopen(stream: ChangeStream, error: unknown): void {
    stream.close().catch(() => undefined)
    if (isLost(error)) {
      this.#entries = []
      this.#floor = undefined
      this.#last = undefined
    }
    setTimeout(() => {
      this.#open(this.#last === undefined ? {} : { resumeAfter: { _data: this.#last } })
    }, REOPEN_MS).unref()
  }

  #reached({ _data: token }: ChangeEvent['_id']): void {
    this.#floor ??= token
    if (this.#last === undefined || token > this.#last) this.#last = token
  }

  #take(event: ChangeEvent): void {
    this.#reached(event._id)
    const happened = happenedIn(event)
    if (happened === undefined) return
    if (happened.kind === 'mark') {
      this.#marks.get(happened.mark)?.()
      return
    }
    this.#entries.push({ token: event._id._data, happened })
    if (this.#entries.length > MOST_KEPT) {
      const gone = this.#entries.splice(0, this.#entries.length - MOST_KEPT)
      this.#floor = gone.at(-1)?.token ?? this.#floor
    }
    this.#told()
  }
}
