import type { AuthctlClient } from '../client.ts'
import { AuthctlError, isAuthctlError } from '../errors.ts'
import { createRandomId } from '../identity.ts'
import { bounded, pause } from '../signals.ts'
import type { PolicyChanges } from '../types.gen.ts'
import { readEventStream } from './event-stream.ts'
import { later, thisMoment, type Moment } from './moment.ts'

/** So far the clocks of the daemon and of this machine may be apart: what was said before that is no news. */
const MAX_APART_MS = 60_000

/** What was heard. */
export interface Heard {
  readonly changes: PolicyChanges
  /** Up to this moment, by the clocks of this machine, nothing is missing. */
  readonly completeAt: Moment
  /** What was before is not known: it is the first that is heard, or the daemon says so. */
  readonly isFresh: boolean
  /** What the signature must name: made up for this answer, or for the connection that begins with it. */
  readonly nonce: string | undefined
}

/** How changes are followed. */
export interface FeedOptions {
  readonly client: Pick<AuthctlClient, 'snapshots'>
  /** Whose actions are decided; nothing: all. */
  readonly services?: readonly string[] | undefined
  /** Called for one after the other; what it rejects with ends the connection, and another is made. */
  readonly hear: (heard: Heard) => Promise<void>
  /** Told why a connection ended that should not have. */
  readonly onError: (error: unknown) => void
  /** Ends it at once, whatever it waits for. */
  readonly signal: AbortSignal
}

/** The daemon says something every second; so long without a word, and the connection is dead. */
const SILENCE_MS = 3500
const CONNECT_MS = 10_000
/** How long one poll waits, where the stream does not come through. */
const POLL_SECONDS = 2
/** So many polls, and the stream is tried again. */
const POLLS = 30
/** Connections on which nothing came, one after the other, after which polling begins. */
const SILENT_CONNECTIONS = 2
/** A daemon that answers polls at once must not keep this process busy. */
const POLL_PAUSE_MS = 50
const FIRST_BACKOFF_MS = 100
const MAX_BACKOFF_MS = 5000

/** Exponential, half of it by chance: those who lost the same daemon do not come back together. */
const backoffMs = (failures: number): number =>
  Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures) * (0.5 + Math.random() / 2)

/**
 * Follows what changes for an application until the signal: by a stream of events, which goes on where it
 * was; where none comes through, by polling. It connects again whatever happens, and never rejects; it
 * resolves at its end.
 */
export const followChanges = async ({
  client,
  services,
  hear,
  onError,
  signal,
}: FeedOptions): Promise<void> => {
  let position: string | undefined
  let revision: string | undefined
  let failures = 0
  let silent = 0
  let pollsLeft = 0

  const query = () => ({ services: services?.join(','), after: position })

  const listen = async (
    changes: PolicyChanges,
    completeAt: Moment,
    nonce: string | undefined,
  ): Promise<void> => {
    if (!(Math.abs(Date.now() - Date.parse(changes.as_of)) <= MAX_APART_MS))
      throw new AuthctlError('clocks_apart', 'the clock of the daemon is over a minute off')
    // A daemon of before does not say what came before.
    const isGap = position !== undefined && 'previous' in changes && changes.previous !== position
    if (isGap && !changes.reset) throw new AuthctlError('gap', 'what was told before is missing')
    const heard = { changes, completeAt, isFresh: changes.reset || position === undefined, nonce }
    await bounded({ signals: [signal] }, () => hear(heard))
    position = changes.position
    revision = changes.revision
    failures = 0
    silent = 0
  }

  const stream = async (): Promise<void> => {
    const startedAt = thisMoment()
    let nonce: string | undefined = createRandomId()
    const body = await client.snapshots.events(
      { ...query(), nonce },
      { signal, retries: 0, timeoutMs: CONNECT_MS },
    )
    silent += 1
    let firstAsOf: number | undefined
    await readEventStream(body, { silenceMs: SILENCE_MS, signal }, async (data) => {
      const changes = JSON.parse(data) as PolicyChanges
      const asOf = Date.parse(changes.as_of)
      firstAsOf ??= asOf
      await listen(changes, later(startedAt, asOf - firstAsOf), nonce)
      nonce = undefined
      return changes.ending === null && !signal.aborted
    })
  }

  const poll = async (): Promise<void> => {
    const startedAt = thisMoment()
    const nonce = createRandomId()
    const changes = await client.snapshots.changes(
      { ...query(), nonce, revision, wait: position === undefined ? 0 : POLL_SECONDS },
      { signal, retries: 0, timeoutMs: CONNECT_MS },
    )
    pollsLeft -= 1
    await listen(changes, startedAt, nonce)
  }

  const connect = async (): Promise<number> => {
    try {
      if (silent >= SILENT_CONNECTIONS) [silent, pollsLeft] = [0, POLLS]
      if (pollsLeft > 0) {
        await poll()
        return POLL_PAUSE_MS
      }
      await stream()
    } catch (error) {
      failures += 1
      // A proxy may hold back even the head of an answer that does not end.
      if (isAuthctlError(error) && error.code === 'timeout') silent += 1
      if (!signal.aborted) onError(error)
    }
    return backoffMs(failures)
  }

  while (!signal.aborted) {
    const ms = await connect()
    await pause(ms, signal).catch(() => undefined)
  }
}
