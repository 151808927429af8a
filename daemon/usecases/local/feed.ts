import { Failure } from '../../domain/failure.ts'
import { isNews, type Ending, type LocalChanges } from '../../domain/local/changes.ts'
import type { LocalViewer } from '../../domain/local/view.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Change, Store } from '../../ports/stores/index.ts'
import type { FollowedPolicies } from '../policies/follow.ts'
import { Channels, tellEnd, tellOne, type Channel, type Follower, type Following } from './channels.ts'
import { lookAround, MOST_BELOW, toldTo, type Looked } from './told.ts'
import type { Views } from './views.ts'

/** How often those who follow hear that nothing is missing. */
const BEAT_MS = 1000
/** Between two looks at least, so that a flood of writes is told in pieces. */
const GAP_MS = 25

/** What one look has found. */
interface Found {
  readonly changes: readonly Change[]
  readonly position: string
  /** What lies between is not known. */
  readonly isReset: boolean
}

interface Round extends Found {
  readonly looked: Looked
  readonly isBeat: boolean
}

/** Follows the changes of the store for applications. */
export interface LocalFeed {
  /**
   * Tells a follower what came after a position at once, and then whatever comes. Answers how to stop. Throws
   * `limit_reached`, `overloaded`, `unavailable`, and what the store throws.
   */
  readonly follow: (viewer: LocalViewer, after: string | undefined, follower: Follower) => Promise<() => void>
  /** Ends everybody's stream, and refuses others. */
  readonly drain: () => void
  readonly stop: () => Promise<void>
}

/** What the feed is made of. */
export interface FeedDeps {
  readonly store: Pick<Store, 'changes'> & {
    readonly accounts: Pick<Store['accounts'], 'get' | 'getLineageOf' | 'list'>
    readonly applications: Pick<Store['applications'], 'get'>
  }
  readonly policies: Pick<FollowedPolicies, 'refresh'>
  readonly views: Views
  readonly clock: Clock
  readonly log: Log
  /** How many accounts are named that ended with one above them. Default 5000. */
  readonly mostBelow?: number
}

const endingOf = (error: unknown): Ending | undefined => {
  if (!(error instanceof Failure)) return undefined
  if (error.code === 'invalid_token' || error.code === 'authentication_required') return 'token_ended'
  return error.code === 'forbidden' ? 'not_allowed' : undefined
}

/** Whether the view of a channel may be another because of accounts above it. */
const isAbout = ({ viewer }: Channel, changes: readonly Change[]): boolean => {
  const ids = new Set<string>([viewer.owner, ...viewer.above].map(({ id }) => id))
  return changes.some((change) => change.kind === 'account' && ids.has(change.id))
}

/** Reads the log of changes, and with it the policies: they are at least as new. */
const createReader = ({ store, policies }: FeedDeps) => {
  const refresh = async (): Promise<void> => {
    if (!(await policies.refresh({ atOnce: true })))
      throw new Failure('unavailable', { reason: 'the policies could not be read' })
  }
  const fromNow = async (): Promise<Found> => {
    const found = await store.changes.read(undefined)
    if (found === undefined) throw new Error('the log of changes has no end')
    await refresh()
    return { ...found, isReset: false }
  }
  /** From now on, where those who follow have heard something before: what lies between is not known. */
  const anew = async (): Promise<Found> => ({ ...(await fromNow()), isReset: true })
  return {
    fromNow,
    anew,
    /** What came after a position that was reached here. */
    after: async (position: string): Promise<Found> => {
      const found = await store.changes.read(position)
      if (found === undefined) return anew()
      if (found.changes.some(({ kind }) => kind === 'head')) await refresh()
      return { ...found, isReset: false }
    },
    refresh,
  }
}

/**
 * Follows the log of changes while anybody listens, and tells each application its part: what it may see, by
 * the tree. An instant is told as complete only when all that was written before it has been told. While the
 * store does not answer, nothing is told.
 */
export const createLocalFeed = (deps: FeedDeps): LocalFeed => {
  const { store, views, clock, log, mostBelow = MOST_BELOW } = deps
  const reader = createReader(deps)
  const channels = new Channels()
  let position: string | undefined
  let completeAt = 0
  let beganBeatAt = -Infinity
  let isDraining = false
  let isFailing = false
  let running: Promise<void> | undefined
  let isAwaited = false
  let timer: NodeJS.Timeout | undefined
  let unwatch: (() => Promise<void>) | undefined
  let beginning: Promise<void> | undefined

  /** Ends a stream where it stands: what was read, but not told to it, comes when it goes on. */
  const end = (channel: Channel, following: Following, ending: Ending): void => {
    if (!channels.leave(channel, following)) return
    if (following.waiting !== undefined || !tellEnd(following, ending)) following.ending = ending
  }

  const check = async (channel: Channel, following: Following): Promise<void> => {
    try {
      await following.stillMay()
    } catch (error) {
      const ending = endingOf(error)
      if (ending !== undefined) end(channel, following, ending)
    }
  }

  const lookAgain = async (channel: Channel): Promise<void> => {
    const lineage = await store.accounts.getLineageOf(channel.viewer.owner.id)
    const owner = lineage.at(-1)
    if (owner !== undefined) channel.viewer = { ...channel.viewer, owner, above: lineage.slice(0, -1) }
  }

  /** What a viewer is told of something found. */
  const messageOf = async (
    viewer: LocalViewer,
    found: Found & { readonly previous: string | null },
    looked: Looked,
  ): Promise<LocalChanges> => {
    const { revision } = (await views.present(viewer)).view
    const told = toldTo(viewer.owner, found.changes, looked)
    const isReset = found.isReset || told.isReset
    const { audience, owner } = viewer
    const at = { previous: found.previous, position: found.position, asOf: completeAt, revision }
    return { audience, ownerId: owner.id, ...at, ...told, isReset, ending: null }
  }

  const tellChannel = async (channel: Channel, round: Round): Promise<void> => {
    const isReset = round.isReset || channel.isBehind
    if (isReset || isAbout(channel, round.changes)) await lookAgain(channel)
    const { position: previous } = channel
    const message = await messageOf(channel.viewer, { ...round, isReset, previous }, round.looked)
    channel.isBehind = false
    const isNew = isNews(message, channel.revision)
    channel.revision = message.revision
    if (!isNew && !round.isBeat) return
    channel.position = message.position
    for (const following of channel.followers) {
      if (following.waiting === undefined) tellOne(following, message)
      else following.waiting.push(message)
    }
  }

  /**
   * Tells every channel; one that cannot be told now holds up no other, and is told to forget next time.
   * Answers why it could not.
   */
  const tellAll = async (round: Round): Promise<Error | undefined> => {
    let failure: Error | undefined
    for (const channel of channels) {
      try {
        await tellChannel(channel, round)
      } catch (error) {
        channel.isBehind = true
        failure ??= error instanceof Error ? error : new Error('unknown', { cause: error })
      }
    }
    return failure
  }

  const makeRound = async (): Promise<void> => {
    const now = performance.now()
    const isBeat = now - beganBeatAt >= BEAT_MS - GAP_MS
    const startedAt = clock.now()
    if (isBeat) await store.changes.settle()
    const found = position === undefined ? await reader.anew() : await reader.after(position)
    const looked = await lookAround(store, found.changes, mostBelow)
    position = found.position
    if (isBeat) {
      completeAt = startedAt
      beganBeatAt = now
    }
    const failure = await tellAll({ ...found, looked, isBeat })
    if (isBeat)
      for (const channel of channels)
        for (const following of channel.followers) void check(channel, following)
    if (failure !== undefined) throw failure
  }

  const tryRound = async (): Promise<void> => {
    try {
      await makeRound()
      isFailing = false
    } catch (error) {
      const cause = error instanceof Error ? error.message : 'unknown'
      if (!isFailing) log.warn({ cause }, 'changes could not be read for those who follow them')
      isFailing = true
    }
    await new Promise<void>((resolve) => setTimeout(resolve, GAP_MS))
  }

  /** One round at a time; what comes meanwhile is told in one more. */
  const run = (): void => {
    if (channels.isEmpty || isDraining) return
    if (running !== undefined) isAwaited = true
    running ??= tryRound().finally(() => {
      running = undefined
      if (isAwaited) run()
      isAwaited = false
    })
  }

  /**
   * Where nobody has listened, what came meanwhile concerns nobody. All wait for it: what a follower reads
   * for its beginning is then no older than where the rounds begin.
   */
  const begin = async (isFirst: boolean): Promise<void> => {
    if (isFirst) beginning = reader.fromNow().then((found) => void (position = found.position))
    await beginning
    timer ??= setInterval(run, BEAT_MS).unref()
    unwatch ??= store.changes.watch(run)
  }

  const firstOf = async (viewer: LocalViewer, after: string | undefined): Promise<LocalChanges> => {
    const asOf = clock.now()
    await store.changes.settle()
    const found = after === undefined ? await reader.fromNow() : await reader.after(after)
    await reader.refresh()
    const looked = await lookAround(store, found.changes, mostBelow)
    return { ...(await messageOf(viewer, { ...found, previous: after ?? null }, looked)), asOf }
  }

  const follow: LocalFeed['follow'] = async (viewer, after, follower) => {
    if (isDraining) throw new Failure('unavailable', { reason: 'draining' })
    const isFirst = channels.isEmpty
    const following: Following = { ...follower, waiting: [], last: undefined, ending: undefined }
    const channel = channels.join(viewer, following)
    try {
      await begin(isFirst)
      tellOne(following, await firstOf(viewer, after))
    } catch (error) {
      channels.leave(channel, following)
      throw error
    }
    const { waiting = [] } = following
    following.waiting = undefined
    for (const changes of waiting) tellOne(following, changes)
    const { ending } = following
    if (ending !== undefined) tellEnd(following, ending)
    return () => void channels.leave(channel, following)
  }

  return {
    follow,
    drain: () => {
      isDraining = true
      for (const channel of channels)
        for (const following of channel.followers) end(channel, following, 'draining')
    },
    stop: async () => {
      isDraining = true
      clearInterval(timer)
      await unwatch?.()
      await running
    },
  }
}
