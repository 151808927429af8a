import { afterEach, expect, test } from 'vitest'
import { newAccount, withoutHash, type KnownAccount } from '../../daemon/domain/account.ts'
import type { LocalChanges } from '../../daemon/domain/local/changes.ts'
import { PolicySnapshot } from '../../daemon/domain/policy-snapshot.ts'
import { StoreFailure, type Change, type ChangesRead } from '../../daemon/ports/stores/index.ts'
import { createLocalFeed, type LocalFeed } from '../../daemon/usecases/local/feed.ts'
import { createViews } from '../../daemon/usecases/local/views.ts'
import { KeptLog, TestClock } from '../support/in-process.ts'

/*
 * The feed over a log of changes that a test holds: it can be slow, fail, and go on between two steps.
 */

const rowKey = (letter: string): string => letter.repeat(26)
const account = (letter: string): KnownAccount =>
  withoutHash(newAccount({ role: 'admin', rowKey: rowKey(letter), parent: null, now: 0 }, {}))
const ONE = account('a')
const OTHER = account('b')
const about = ({ id, path }: KnownAccount): Change => ({ kind: 'account', id, path, endedAt: null })

const feeds: LocalFeed[] = []
afterEach(async () => {
  for (const feed of feeds.splice(0)) await feed.stop()
})

const startFeed = ({ mostBelow = 10, below = [] as readonly KnownAccount[] } = {}) => {
  const log: Change[] = []
  const watchers = new Set<() => void>()
  const held = {
    /** Awaited by each read after what it answers is settled. */
    read: (_after: string | undefined): Promise<void> => Promise.resolve(),
    lineage: (id: string): Promise<KnownAccount[]> => Promise.resolve([id === ONE.id ? ONE : OTHER]),
  }
  const read = async (after: string | undefined): Promise<ChangesRead> => {
    const found = { changes: after === undefined ? [] : log.slice(Number(after)), position: `${log.length}` }
    await held.read(after)
    return found
  }
  const nothing = new PolicySnapshot(new Map(), { managed: new Map(), own: [] })
  const vault = { hiddenName: (...parts: string[]) => parts.join(), digest: (text: string) => text }
  const feed = createLocalFeed({
    store: {
      changes: {
        read,
        settle: () => Promise.resolve(),
        watch: (changed) => {
          watchers.add(changed)
          return () => Promise.resolve(void watchers.delete(changed))
        },
      },
      accounts: {
        get: (id) =>
          Promise.resolve(id === ONE.id ? { ...ONE, status: 'disabled', passwordHash: null } : undefined),
        list: () => Promise.resolve(below.map((each) => ({ ...each, passwordHash: null }))),
        getLineageOf: (id) => held.lineage(id),
      },
      applications: { get: () => Promise.resolve(undefined) },
    },
    policies: { refresh: () => Promise.resolve(true) },
    views: createViews({ policies: { current: () => nothing }, vault }),
    clock: new TestClock(),
    log: new KeptLog(),
    mostBelow,
  })
  feeds.push(feed)
  const write = (...changes: Change[]): void => {
    log.push(...changes)
    for (const changed of watchers) changed()
  }
  const follow = async (owner: KnownAccount, after?: string) => {
    const told: LocalChanges[] = []
    const viewer = { audience: owner.id, owner, above: [], services: undefined }
    const tell = (changes: LocalChanges): void => void told.push(changes)
    await feed.follow(viewer, after, { tell, stillMay: () => Promise.resolve() })
    return told
  }
  return { feed, held, log, write, follow }
}

/** What a client knows that has heard this: all ids that it was told of since its last reset. */
const isKnown = (told: readonly LocalChanges[], { id }: KnownAccount): boolean =>
  told.some(({ accounts, isReset }, index) => accounts.includes(id) || (isReset && index > 0))

test('L4: what cannot be told to one application is told to the others, and to it with a reset as soon as it can be', async () => {
  const { held, write, follow } = startFeed()
  const [one, other] = [await follow(ONE), await follow(OTHER)]
  const { lineage } = held
  held.lineage = (id) =>
    id === ONE.id ? Promise.reject(new StoreFailure('unavailable', 'a step-down')) : lineage(id)
  write(about(ONE), about(OTHER))
  await expect.poll(() => isKnown(other, OTHER)).toBe(true)
  expect(isKnown(one, ONE)).toBe(false)
  held.lineage = lineage
  await expect.poll(() => isKnown(one, ONE), { timeout: 3000 }).toBe(true)
})

test('L4: a stream that ends while changes are on their way ends at a position before them', async () => {
  const { feed, held, log, write, follow } = startFeed()
  const told = await follow(ONE)
  const reached = new Promise<void>((resolve) => {
    held.lineage = () => {
      resolve()
      return new Promise(() => undefined)
    }
  })
  write(about(ONE))
  await reached
  feed.drain()
  const last = told.at(-1)
  expect(last?.ending).toBe('draining')
  expect(log.slice(Number(last?.position))).toEqual([about(ONE)])
  held.lineage = () => Promise.resolve([ONE])
  feeds.length = 0
})

test('L4: a stream that ends before its beginning has been read ends after it', async () => {
  const { feed, write, follow } = startFeed()
  await follow(OTHER)
  write(about(ONE))
  const following = follow(ONE, '0')
  feed.drain()
  const told = await following
  expect(told.map(({ ending }) => ending)).toEqual([null, 'draining'])
  expect(told.map(({ accounts }) => accounts)).toEqual([[ONE.id], []])
  expect(told[1]?.position).toBe(told[0]?.position)
})

test('L4: what is written while the first follower begins is told to the second', async () => {
  const { held, log, write, follow } = startFeed()
  let reads = 0
  held.read = async () => {
    reads += 1
    if (reads > 1) return
    // The beginning of the rounds is slow, and what it has read is newer than what the second reads.
    await new Promise((resolve) => setTimeout(resolve, 50))
    throw new StoreFailure('unavailable', 'a step-down')
  }
  const first = follow(OTHER).catch(() => undefined)
  const second = await follow(ONE).catch(async () => follow(ONE))
  await first
  write(about(ONE))
  await expect.poll(() => isKnown(second, ONE), { timeout: 3000 }).toBe(true)
  expect(log).toHaveLength(1)
})

test.each([
  [2, false, 3],
  [1, true, 1],
])(
  'L4: with an account that is disabled all below it end: named, where they are %s at most, and more are not known',
  async (mostBelow, isReset, named) => {
    const under = ['c', 'd'].map((letter) => account(letter))
    const { write, follow } = startFeed({ mostBelow, below: under })
    const [one, other] = [await follow(ONE), await follow(OTHER)]
    const start = [one.length, other.length]
    write({ kind: 'account', id: ONE.id, path: ONE.path, endedAt: 5 }, about(OTHER))
    await expect.poll(() => one.length).toBeGreaterThan(start[0] ?? 0)
    const told = one.slice(start[0]).find(({ accounts }) => accounts.length > 0)
    expect(told).toMatchObject({ isReset })
    expect(told?.endedAccounts).toHaveLength(named)
    await expect.poll(() => isKnown(other, OTHER)).toBe(true)
    expect(other.slice(start[1]).some((each) => each.isReset)).toBe(false)
  },
)

test('L4: each event names the position of the one before, for each follower, whenever it came', async () => {
  const { write, follow } = startFeed()
  const followers = [await follow(ONE), await follow(OTHER)]
  write(about(ONE))
  followers.push(await follow(ONE, '0'))
  write(about(OTHER), about(ONE))
  await expect.poll(() => followers.every((told) => told.length > 1)).toBe(true)
  write(about(ONE))
  await expect.poll(() => followers[0]?.at(-1)?.position).toBe('4')
  for (const told of followers)
    expect(told.slice(1).map(({ previous }) => previous)).toEqual(
      told.slice(0, -1).map(({ position }) => position),
    )
  expect(followers.map((told) => told[0]?.previous)).toEqual([null, null, '0'])
})
