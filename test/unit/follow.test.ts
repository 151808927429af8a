import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { follow, type Followed } from '../../daemon/usecases/upkeep/follow.ts'

const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing }

let followed: Followed<number> | undefined
afterEach(() => followed?.stop())

/** What is stored, read as slowly as the test says: a look tells what was there when it began. */
const following = async (stored: { value: number; readMs: number; fails: boolean; looks: number }) => {
  const look = async (): Promise<number> => {
    const { value, readMs, fails } = stored
    stored.looks += 1
    await sleep(readMs)
    if (fails) throw new Error('gone')
    return value
  }
  followed = await follow({
    look,
    watch: () => () => Promise.resolve(),
    everyMs: 3_600_000,
    what: 'a value',
    log,
  })
  return followed
}

test.each([{ atOnce: true }, { atOnce: false }])(
  'a refresh sees what was stored before it, though a slow look that began before that still runs: %j',
  async (options) => {
    const stored = { value: 1, readMs: 0, fails: false, looks: 0 }
    const { current, refresh } = await following(stored)
    stored.readMs = 150
    const slow = refresh({ atOnce: true })
    await sleep(20)
    stored.value = 2
    stored.readMs = 0
    expect(await refresh(options)).toBe(true)
    expect(current()).toBe(2)
    await slow
  },
)

test('many who refresh together share a look', async () => {
  const stored = { value: 1, readMs: 5, fails: false, looks: 0 }
  const { refresh } = await following(stored)
  await Promise.all(Array.from({ length: 100 }, () => refresh()))
  expect(stored.looks).toBeLessThanOrEqual(3)
})

test('one that could not read says so, and what was there stays', async () => {
  const stored = { value: 1, readMs: 0, fails: false, looks: 0 }
  const { current, refresh } = await following(stored)
  stored.fails = true
  expect(await refresh({ atOnce: true })).toBe(false)
  expect(current()).toBe(1)
})
