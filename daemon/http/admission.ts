import type { NextFunction, Request, Response } from 'express'
import { Failure } from '../domain/failure.ts'

/** How long one turn of the event loop may begin requests: what came meanwhile is then looked at (K7). */
const TURN_MS = 20
/** A request that has waited this long is refused: who asked has given up, or soon will. */
const MAX_WAIT_MS = 5000
/** Requests that wait for a database, a hash or a slow reader; more would only wait longer. */
const MAX_RUNNING = 1000
const RETRY_AFTER_SECONDS = 1

interface Waiting {
  readonly response: Response
  readonly next: NextFunction
  readonly since: number
}

/** What time it is, and what is done at the end of this turn of the event loop. */
export interface Turns {
  readonly now: () => number
  readonly atEnd: (run: () => void) => void
}

const EVENT_LOOP: Turns = { now: () => performance.now(), atEnd: (run) => void setImmediate(run) }

/**
 * Lets requests begin as long as this turn of the event loop is short and few are running; further ones wait
 * in order, and those for which there is no room, or that have waited too long, are refused at once. What is
 * admitted is answered soon, however much more is asked. Throws `overloaded` into the request.
 */
export const createAdmission = (
  { maxWaiting, exempt }: { maxWaiting: number; exempt: readonly string[] },
  { now, atEnd }: Turns = EVENT_LOOP,
) => {
  let waiting: Waiting[] = []
  let running = 0
  let turnBegan: number | undefined

  const hasRoom = (): boolean => {
    if (turnBegan === undefined) {
      turnBegan = now()
      atEnd(endTurn)
    }
    return running < MAX_RUNNING && now() - turnBegan < TURN_MS
  }

  const begin = ({ response, next }: Waiting): void => {
    running++
    response.once('close', () => {
      running--
      // Those that wait go on at the end of this turn.
      if (waiting.length > 0) hasRoom()
    })
    next()
  }

  const refuse = ({ next }: Waiting): void =>
    next(new Failure('overloaded', { retryAfterSeconds: RETRY_AFTER_SECONDS }))

  const endTurn = (): void => {
    turnBegan = undefined
    const turn = waiting
    waiting = []
    let done = 0
    for (const entry of turn) {
      const isOld = now() - entry.since > MAX_WAIT_MS
      if (!isOld && !entry.response.destroyed && !hasRoom()) break
      done++
      if (entry.response.destroyed) continue
      if (isOld) refuse(entry)
      else begin(entry)
    }
    waiting = [...turn.slice(done), ...waiting]
    // A running request that ends wakes the others; where none runs, the next turn does.
    if (waiting.length > 0 && running < MAX_RUNNING) hasRoom()
  }

  return (request: Request, response: Response, next: NextFunction): void => {
    if (exempt.includes(request.path)) {
      next()
      return
    }
    const entry = { response, next, since: now() }
    if (waiting.length === 0 && hasRoom()) begin(entry)
    else if (waiting.length < maxWaiting) waiting.push(entry)
    else refuse(entry)
  }
}
