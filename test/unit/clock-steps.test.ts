import { expect, test } from 'vitest'
import { watchClockSteps } from '../../daemon/usecases/upkeep/clock-steps.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const YEARS = 10 * 365 * 24 * HOUR

/** A clock that runs, can be stepped, and is asked whether it can be believed. */
const watched = () => {
  let wall = 1_700_000_000_000
  let uptime = 5000
  const isSteady = watchClockSteps({ now: () => wall }, () => uptime)
  return {
    isSteady,
    run: (ms: number) => {
      wall += ms
      uptime += ms
    },
    step: (ms: number) => void (wall += ms),
  }
}

test('K11: a clock that only runs is believed, however long', () => {
  const clock = watched()
  for (let day = 0; day < 30; day++) {
    clock.run(24 * HOUR)
    expect(clock.isSteady()).toBe(true)
  }
})

test('small corrections add up and are believed', () => {
  const clock = watched()
  for (let turn = 0; turn < 20; turn++) {
    clock.run(HOUR)
    clock.step(MINUTE)
    expect(clock.isSteady()).toBe(true)
  }
})

test.each([HOUR, -HOUR, YEARS])('K11: nothing is removed by a clock that was stepped by %d ms', (ms) => {
  const clock = watched()
  clock.run(HOUR)
  clock.step(ms)
  expect(clock.isSteady()).toBe(false)
  clock.run(HOUR - 1)
  expect(clock.isSteady()).toBe(false)
  clock.step(-ms)
  expect(clock.isSteady(), 'it was put right').toBe(true)
})

test('K11: a step is believed once the clock has run on for an hour', () => {
  const clock = watched()
  clock.step(YEARS)
  expect(clock.isSteady()).toBe(false)
  clock.run(HOUR)
  expect(clock.isSteady()).toBe(true)
  clock.step(-YEARS)
  expect(clock.isSteady()).toBe(false)
})
