import type { ServerResponse } from 'node:http'
import { Failure } from '../domain/failure.ts'

/** How long one turn of the event loop may begin requests: what came meanwhile is then looked at (K7). */
const TURN_MS = 10
/** A request that has waited this long is refused: who asked has given up, or soon will. */
const MAX_WAIT_MS = 5000
/**
 * And so is one that has waited while this process computed for so long: then it is overloaded. A process
 * that was not given the processor is only late.
 */
const MAX_BUSY_WAIT_MS = 750
/** Requests that wait for a database, a hash or a slow reader; more would only wait longer. */
const MAX_RUNNING = 1000
/** What has begun goes on in later turns. Where that makes them this long, fewer may run at a time. */
const LONG_TURN_MS = 20
const FIRST_RUNNING = 64
const LEAST_RUNNING = 4
const SHRINKING = 0.7
const GROWING = 1.05
const RETRY_AFTER_SECONDS = 1
/** How often those that wait are looked at while nothing else does. */
const SWEEP_MS = 250

/** Goes on with a request, or refuses it. */
type Proceed = (refusal?: Failure) => void

interface Entry {
  readonly response: Pick<ServerResponse, 'destroyed' | 'once'>
  readonly next: Proceed
}

interface Waiting extends Entry {
  readonly since: number
  readonly busySince: number
}

/** What time it is, and what is done at the end of this turn of the event loop, or later. */
export interface Turns {
  readonly now: () => number
  /** How long the event loop has computed since the start, in ms. */
  readonly busy: () => number
  readonly atEnd: (run: () => void) => void
  readonly after: (ms: number, run: () => void) => void
}

/** What the thread of the event loop has used; Node 22 tells it for the process only. */
const cpuMs = (): number => {
  const { user, system } =
    'threadCpuUsage' in process ? process.threadCpuUsage() : (process as NodeJS.Process).cpuUsage()
  return (user + system) / 1000
}

const EVENT_LOOP: Turns = {
  now: () => performance.now(),
  busy: cpuMs,
  atEnd: (run) => void setImmediate(run),
  after: (ms, run) => void setTimeout(run, ms).unref(),
}

/** How much is asked of a daemon at present, and how many requests it has refused since its start. */
export interface LoadFigures {
  readonly running: number
  readonly waiting: number
  /** Those that found no room to wait, and those that waited too long. */
  readonly refused: { readonly full: number; readonly late: number }
}

/** Lets requests begin, and tells how many do not. */
export interface Admission {
  /**
   * Calls `next` when the request of the response may begin, at once where there is room. Otherwise with
   * `overloaded`.
   */
  readonly admit: (path: string, response: Entry['response'], next: Proceed) => void
  /** A request that was let in only waits from now on: it takes no room. */
  readonly detach: (response: Entry['response']) => void
  readonly figures: () => LoadFigures
}

/**
 * Lets requests begin as long as this turn of the event loop is short and few are running; further ones wait
 * in order, and those for which there is no room, or that have waited too long, are refused at once. What is
 * admitted is answered soon, however much more is asked.
 */
export const createAdmission = (
  { maxWaiting, exempt }: { maxWaiting: number; exempt: readonly string[] },
  { now, busy, atEnd, after }: Turns = EVENT_LOOP,
): Admission => {
  let waiting: Waiting[] = []
  let running = 0
  let turnBegan: number | undefined
  let turnBeganBusy = 0
  let mayRun = FIRST_RUNNING
  let isSweepDue = false
  const refused = { full: 0, late: 0 }

  const hasRoom = (): boolean => {
    if (turnBegan === undefined) {
      turnBegan = now()
      turnBeganBusy = busy()
      atEnd(endTurn)
    }
    return running < mayRun && now() - turnBegan < TURN_MS
  }

  const counted = new WeakSet<Entry['response']>()

  const detach: Admission['detach'] = (response) => {
    if (!counted.delete(response)) return
    running--
    // Those that wait go on at the end of this turn.
    if (waiting.length > 0) hasRoom()
  }

  const begin = ({ response, next }: Entry): void => {
    running++
    counted.add(response)
    response.once('close', () => detach(response))
    next()
  }

  const refuse = ({ next }: Entry, why: keyof typeof refused): void => {
    refused[why]++
    next(new Failure('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS }))
  }

  const isOld = ({ since, busySince }: Waiting): boolean =>
    now() - since >= MAX_WAIT_MS || busy() - busySince >= MAX_BUSY_WAIT_MS

  /** Long turns are of requests that compute; those that wait for something else leave turns short. */
  const adapt = (turnMs: number): void => {
    if (turnMs > LONG_TURN_MS)
      mayRun = Math.max(
        LEAST_RUNNING,
        Math.floor(Math.min(mayRun, Math.max(running, FIRST_RUNNING)) * SHRINKING),
      )
    else if (turnMs < TURN_MS && running >= mayRun)
      mayRun = Math.min(MAX_RUNNING, Math.ceil(mayRun * GROWING))
  }

  const endTurn = (): void => {
    if (turnBegan !== undefined) adapt(busy() - turnBeganBusy)
    turnBegan = undefined
    const turn = waiting
    waiting = []
    let done = 0
    for (const entry of turn) {
      if (!isOld(entry) && !entry.response.destroyed && !hasRoom()) break
      done++
      if (entry.response.destroyed) continue
      if (isOld(entry)) refuse(entry, 'late')
      else begin(entry)
    }
    waiting = [...turn.slice(done), ...waiting]
    // The next turn goes on with them, and tells whether more may run; at the most, one that ends does.
    if (waiting.length > 0 && running < MAX_RUNNING) hasRoom()
  }

  /** Those that have waited too long are told so, also while nothing that runs comes to an end. */
  const sweep = (): void => {
    isSweepDue = false
    const late = waiting.filter(isOld)
    waiting = waiting.slice(late.length)
    for (const entry of late) if (!entry.response.destroyed) refuse(entry, 'late')
    planSweep()
  }
  const planSweep = (): void => {
    if (waiting.length === 0 || isSweepDue) return
    isSweepDue = true
    after(SWEEP_MS, sweep)
  }

  const admit: Admission['admit'] = (path, response, next) => {
    if (exempt.includes(path)) next()
    else if (waiting.length === 0 && hasRoom()) begin({ response, next })
    else if (waiting.length < maxWaiting) {
      waiting.push({ response, next, since: now(), busySince: busy() })
      planSweep()
    } else refuse({ response, next }, 'full')
  }
  return { admit, detach, figures: () => ({ running, waiting: waiting.length, refused: { ...refused } }) }
}
