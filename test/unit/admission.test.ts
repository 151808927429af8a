import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { createAdmission } from '../../daemon/http/admission.ts'

/** An admission whose time and turns stand where the test puts them. */
const admission = (maxWaiting: number) => {
  let time = 0
  let busy = 0
  let ends: (() => void)[] = []
  let alarms: { at: number; run: () => void }[] = []
  const { admit, figures } = createAdmission(
    { maxWaiting, exempt: ['/healthz'] },
    {
      now: () => time,
      busy: () => busy,
      atEnd: (run) => void ends.push(run),
      after: (ms, run) => void alarms.push({ at: time + ms, run }),
    },
  )
  const outcomes: string[] = []
  /** One request that takes some milliseconds of the turn. */
  const ask = (name: string, { takes = 0, path = '/' } = {}): EventEmitter => {
    const response = Object.assign(new EventEmitter(), { destroyed: false })
    admit(path, response as unknown as ServerResponse, (error) => {
      time += takes
      busy += takes
      const refusal = error && `${error.code} ${error.retryAfterSeconds}`
      outcomes.push(`${name}: ${refusal ?? 'begun'}`)
    })
    return response
  }
  return {
    ask,
    outcomes,
    figures,
    /** Time passes, in which this process computes, or is not given the processor. */
    pass: (ms: number, isBusy = true) => {
      time += ms
      if (isBusy) busy += ms
      const due = alarms.filter(({ at }) => at <= time)
      alarms = alarms.filter(({ at }) => at > time)
      for (const { run } of due) run()
    },
    endTurn: () => {
      const present = ends
      ends = []
      for (const end of present) end()
    },
  }
}

test('K7: a turn begins what fits into it, what waits goes on in order, and what finds no room is refused', () => {
  const { ask, outcomes, endTurn } = admission(2)
  for (const name of ['a', 'b', 'c', 'd', 'e']) ask(name, { takes: 5 })
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
  const { ask, outcomes, endTurn, pass, figures } = admission(10)
  ask('a', { takes: 25 })
  ask('old')
  pass(700)
  Object.assign(ask('gone'), { destroyed: true })
  ask('new')
  expect(figures()).toEqual({ running: 1, waiting: 3, refused: { full: 0, late: 0 } })
  pass(60)
  endTurn()
  expect(outcomes).toEqual(['a: begun', 'old: overloaded 1', 'new: begun'])
  expect(figures()).toEqual({ running: 2, waiting: 0, refused: { full: 0, late: 1 } })
})

test('K7: a thousand that run hold the others up until one of them ends; probes never wait', () => {
  const { ask, outcomes, endTurn, pass, figures } = admission(1000)
  const responses = Array.from({ length: 1000 }, (_, index) => ask(String(index)))
  expect(outcomes.length, 'more may run only turn by turn').toBeLessThan(100)
  // They wait for something else than this process, so that the turns are short.
  for (let turn = 0; turn < 200; turn++) endTurn()
  expect(figures()).toMatchObject({ running: 1000, waiting: 0 })
  ask('waits')
  ask('probe', { path: '/healthz' })
  endTurn()
  expect(outcomes.slice(1000)).toEqual(['probe: begun'])
  responses[0]?.emit('close')
  endTurn()
  expect(outcomes.at(-1)).toBe('waits: begun')
  ask('waits in vain')
  pass(800)
  expect(outcomes.at(-1)).toBe('waits in vain: overloaded 1')
  expect(figures()).toEqual({ running: 1000, waiting: 0, refused: { full: 0, late: 1 } })
})

test('K7: where what has begun makes the turns long, fewer run at a time, and more again afterwards', () => {
  const { ask, outcomes, endTurn, pass, figures } = admission(1000)
  const responses = Array.from({ length: 200 }, (_, index) => ask(String(index)))
  const first = figures().running
  pass(100)
  endTurn()
  for (const response of responses.slice(0, 20)) response.emit('close')
  endTurn()
  expect(figures().running, 'room was given to others too soon').toBeLessThan(first - 10)
  for (const response of responses.slice(20, first)) response.emit('close')
  for (let turn = 0; turn < 100; turn++) endTurn()
  expect(outcomes).toHaveLength(200)
})

test('K7: a process that is not given the processor is late, and refuses nobody and slows nothing down for it', () => {
  const { ask, outcomes, endTurn, pass, figures } = admission(10)
  ask('a', { takes: 25 })
  ask('b')
  pass(4000, false)
  endTurn()
  expect(outcomes).toEqual(['a: begun', 'b: begun'])
  for (let index = 0; index < 30; index++) ask(String(index))
  expect(figures()).toMatchObject({ waiting: 0, refused: { full: 0, late: 0 } })
  ask('c', { takes: 25 })
  ask('d')
  pass(6000, false)
  expect(outcomes.at(-1), 'nobody waits for ever').toBe('d: overloaded 1')
})
