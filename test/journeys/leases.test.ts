import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import type { LeaseStore, Store } from '../../daemon/ports/stores/index.ts'
import { createCleanup } from '../../daemon/usecases/upkeep/cleanup.ts'
import { type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { dropTestStore, openTestStore, readStored } from '../support/test-store.ts'

const INSTANCES = 4
/** The bar (K10) is a thousand: `LEASE_TICKS=1000 npx vitest run test/journeys/leases`. */
const TICKS = Number(process.env['LEASE_TICKS'] ?? 300)
const TICK_MS = 1000
const LEASE_MS = 1000
/** For so long four daemons have a job every second. */
const SECONDS_TOGETHER = 5
const HOLDER = fileURLToPath(new URL('lease-holder.ts', import.meta.url))

let directory: string
let stores: Store[]
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'authctl-leases-'))
  stores = await Promise.all(Array.from({ length: INSTANCES }, () => openTestStore(directory)))
})
afterEach(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await dropTestStore(directory)
  rmSync(directory, { recursive: true, force: true })
})

const takeExpiring = (store: Store, count: number, now: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      store.limits.take([{ key: `${now}-${index}`, windows: [{ limit: 1, windowMs: 1 }] }], now),
    ),
  )

const limitsLeft = async (): Promise<number> => (await readStored(directory, 'limits')).length

/** The same leases, and who has swept what under which fence. */
const watched = (leases: LeaseStore, sweeps: { instance: number; token: number }[], instance: number) => ({
  ...leases,
  sweep: async (...args: Parameters<LeaseStore['sweep']>) => {
    const deleted = await leases.sweep(...args)
    sweeps.push({ instance, token: args[1].token })
    return deleted
  },
})

test(
  'K10: four instances, hundreds of ticks of a schedule: each slot runs exactly once',
  { timeout: 60_000 + TICKS * 200 },
  async () => {
    let now = 1_700_000_000_000
    const sweeps: { instance: number; token: number }[] = []
    const ticks = stores.map((store, instance) =>
      createCleanup({ leases: watched(store.leases, sweeps, instance), clock: { now: () => now } }),
    )
    const runners: number[] = []
    for (let tick = 0; tick < TICKS; tick++) {
      const slot = now
      await takeExpiring(stores[tick % INSTANCES] as Store, 1, now - TICK_MS)
      // Which one begins first differs from tick to tick; a daemon that comes late asks for a slot that has
      // run.
      const order = ticks.map((_, index) => (index + tick) % INSTANCES)
      const done = await Promise.all(
        order.map((index) => (ticks[index] as (slot: number) => Promise<number>)(slot)),
      )
      const late = await (ticks[tick % INSTANCES] as (slot: number) => Promise<number | undefined>)(slot)
      expect(
        [...done, late].filter((deleted) => deleted !== undefined),
        `slot ${tick}`,
      ).toEqual([1])
      runners.push(order[done.findIndex((deleted) => deleted !== undefined)] ?? -1)
      now += TICK_MS
    }
    expect(new Set(runners).size, 'one instance did everything: nobody raced').toBe(INSTANCES)
    const byToken = Map.groupBy(sweeps, ({ token }) => token)
    expect(byToken.size).toBe(TICKS)
    for (const [, run] of byToken) expect(new Set(run.map(({ instance }) => instance)).size).toBe(1)
    expect(await limitsLeft()).toBe(0)
  },
)

test(
  'K10: a holder that was stopped for three leases has no effect when it goes on',
  { timeout: 30_000 },
  async () => {
    const [store] = stores as [Store]
    const job = 'cleanup'
    const past = Date.now() - 60_000
    await takeExpiring(store, 100, past)
    const holder = fork(HOLDER, [directory, job, String(LEASE_MS)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const nextMessage = async (): Promise<unknown> => ((await once(holder, 'message')) as [unknown])[0]
    try {
      expect(await nextMessage()).toEqual({ swept: 1 })
      expect(await nextMessage()).toEqual({ swept: 2 })
      holder.kill('SIGSTOP')
      expect(
        await store.leases.claimSlot({ job, slot: 2, now: Date.now() - LEASE_MS * 2, leaseMs: LEASE_MS }),
      ).toBeUndefined()
      await sleep(3 * LEASE_MS)
      const fence = await store.leases.claimSlot({ job, slot: 2, now: Date.now(), leaseMs: 60_000 })
      expect(fence).toBeDefined()
      holder.kill('SIGCONT')
      expect(await nextMessage()).toEqual({ swept: 2, failure: 'stale' })
      expect(await nextMessage()).toEqual({ released: true })
      expect(await limitsLeft()).toBe(98)
      // Nor has its release ended the lease of the new holder.
      expect(await store.leases.claimSlot({ job, slot: 3, now: Date.now(), leaseMs: 1 })).toBeUndefined()
      expect(await store.leases.sweep('limits', fence ?? { job, token: -1 }, Date.now(), 1000)).toBe(98)
    } finally {
      holder.kill('SIGKILL')
    }
  },
)

const slotsRun = (output: string): number[] =>
  output
    .split('\n')
    .filter((line) => line.includes('"job ran"'))
    .map((line) => (JSON.parse(line) as { slot: number }).slot)

test(
  'K10: four daemons with a job every second: each second runs once, on one of them',
  { timeout: 60_000 },
  async () => {
    const settings = {
      AUTHCTL_DATA_DIR: join(directory, 'data'),
      AUTHCTL_CLEANUP_CRON: '* * * * * *',
      AUTHCTL_DRAIN_DELAY: '0',
    }
    const daemons: RunningDaemon[] = []
    onTestFinished(async () => void (await Promise.all(daemons.map((daemon) => daemon.stop()))))
    // The first makes the store and the secrets; the others may come together.
    daemons.push(await startDaemon(settings))
    daemons.push(...(await Promise.all(Array.from({ length: INSTANCES - 1 }, () => startDaemon(settings)))))
    await sleep(SECONDS_TOGETHER * 1000)
    await Promise.all(daemons.map((daemon) => daemon.stop()))
    const slots = daemons.flatMap((daemon) => slotsRun(daemon.output())).sort((a, b) => a - b)
    expect(slots.length).toBeGreaterThanOrEqual(SECONDS_TOGETHER - 1)
    const first = slots[0] ?? 0
    expect(slots).toEqual(slots.map((_, index) => first + index * TICK_MS))
  },
)
