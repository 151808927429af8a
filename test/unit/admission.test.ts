import { EventEmitter } from 'node:events'
import type { Request, Response } from 'express'
import { expect, test } from 'vitest'
import { createAdmission } from '../../daemon/http/admission.ts'
import { Failure } from '../../daemon/domain/failure.ts'

/** An admission whose time and turns stand where the test puts them. */
const admission = (maxWaiting: number) => {
  let time = 0
  let ends: (() => void)[] = []
  const admit = createAdmission(
    { maxWaiting, exempt: ['/healthz'] },
    { now: () => time, atEnd: (run) => void ends.push(run) },
  )
  const outcomes: string[] = []
  /** One request that takes some milliseconds of the turn. */
  const ask = (name: string, { takes = 0, path = '/' } = {}): EventEmitter => {
    const response = Object.assign(new EventEmitter(), { destroyed: false })
    admit({ path } as Request, response as unknown as Response, (error?: unknown) => {
      time += takes
      const refusal = error instanceof Failure ? `${error.code} ${error.retryAfterSeconds}` : undefined
      outcomes.push(`${name}: ${refusal ?? 'begun'}`)
    })
    return response
  }
  return {
    ask,
    outcomes,
    pass: (ms: number) => void (time += ms),
    endTurn: () => {
      const present = ends
      ends = []
      for (const end of present) end()
    },
  }
}

test('K7: a turn begins what fits into it, what waits goes on in order, and what finds no room is refused', () => {
  const { ask, outcomes, endTurn } = admission(2)
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name, { takes: 10 })
  expect(outcomes).toEqual(['a: begun', 'b: begun', 'e: overloaded 1'])
  endTurn()
  expect(outcomes.slice(3)).toEqual(['c: begun', 'd: begun'])
  endTurn()
  ask('f')
  expect(outcomes.at(-1)).toBe('f: begun')
})

test('K7: one that came late does not pass those that wait', () => {
  const { ask, outcomes, endTurn } = admission(10)
  for (const name of ['a', 'b', 'c']) ask(name, { takes: 25 })
  endTurn()
  ask('d', { takes: 25 })
  for (let turn = 0; turn < 3; turn++) endTurn()
  expect(outcomes).toEqual(['a: begun', 'b: begun', 'c: begun', 'd: begun'])
})

test('K7: one that has waited too long is refused, and one whose caller has gone is dropped', () => {
  const { ask, outcomes, endTurn, pass } = admission(10)
  ask('a', { takes: 25 })
  ask('old')
  pass(6000)
  Object.assign(ask('gone'), { destroyed: true })
  ask('new')
  endTurn()
  expect(outcomes).toEqual(['a: begun', 'old: overloaded 1', 'new: begun'])
})

test('K7: a thousand that run hold the others up until one of them ends; probes never wait', () => {
  const { ask, outcomes, endTurn } = admission(1)
  const responses = Array.from({ length: 1000 }, (_, index) => ask(String(index)))
  ask('waits')
  ask('refused')
  ask('probe', { path: '/healthz' })
  endTurn()
  expect(outcomes.slice(1000)).toEqual(['refused: overloaded 1', 'probe: begun'])
  responses[0]?.emit('close')
  endTurn()
  expect(outcomes.at(-1)).toBe('waits: begun')
})
