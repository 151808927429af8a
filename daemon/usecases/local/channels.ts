import { Failure } from '../../domain/failure.ts'
import type { Ending, LocalChanges } from '../../domain/local/changes.ts'
import { viewerKey, type LocalViewer } from '../../domain/local/view.ts'

/** Streams and waiting polls of one application on one daemon, and of all together. */
const MOST_EACH = 16
const MOST_TOGETHER = 1000

/** Somebody who follows. */
export interface Follower {
  readonly tell: (changes: LocalChanges) => void
  /** Rejects with a `Failure` when it may not follow any more; asked at every beat. */
  readonly stillMay: () => Promise<void>
}

/** A follower, and what waits for it. */
export interface Following extends Follower {
  /** What is told while its beginning is made; undefined: it is told at once. */
  waiting: LocalChanges[] | undefined
  /** What it was told last: an end says no more than that. */
  last: LocalChanges | undefined
  /** Why it ends as soon as it has had its beginning. */
  ending: Ending | undefined
}

/** Those who follow the same view: they are told the same. */
export interface Channel {
  viewer: LocalViewer
  /** The revision that was told last. */
  revision: string
  /** Up to where it was told last; null: it was told nothing yet. */
  position: string | null
  /** Something could not be told: what lies between is not known to those who follow. */
  isBehind: boolean
  readonly followers: Set<Following>
}

const NOTHING = {
  isReset: false,
  accounts: [],
  endedAccounts: [],
  endedSessions: [],
  endedTokens: [],
  applications: [],
} as const

/** Tells a follower, which remembers it: what is told goes on from what it was told last. */
export const tellOne = (following: Following, changes: LocalChanges): void => {
  const previous = following.last === undefined ? changes.previous : following.last.position
  const told = previous === changes.previous ? changes : { ...changes, previous }
  following.last = told
  following.tell(told)
}

/** Tells a follower that this is the last, and nothing more; false: it was told nothing yet. */
export const tellEnd = (following: Following, ending: Ending): boolean => {
  const { last } = following
  if (last !== undefined) tellOne(following, { ...last, ...NOTHING, ending })
  return last !== undefined
}

/** Keeps who follows what, in bounds: of one application, and of all together. */
export class Channels {
  readonly #channels = new Map<string, Channel>()

  get isEmpty(): boolean {
    return this.#channels.size === 0
  }

  [Symbol.iterator](): Iterator<Channel> {
    return [...this.#channels.values()][Symbol.iterator]()
  }

  /** Adds a follower. Throws `overloaded`, `limit_reached`. */
  join(viewer: LocalViewer, following: Following): Channel {
    this.#requireRoom(viewer)
    const key = viewerKey(viewer)
    const channel = this.#channels.get(key) ?? {
      viewer,
      revision: '',
      position: null,
      isBehind: false,
      followers: new Set(),
    }
    this.#channels.set(key, channel)
    channel.followers.add(following)
    return channel
  }

  /** Takes a follower away; false: it was gone already. */
  leave(channel: Channel, following: Following): boolean {
    const wasThere = channel.followers.delete(following)
    if (channel.followers.size === 0) this.#channels.delete(viewerKey(channel.viewer))
    return wasThere
  }

  #requireRoom({ audience }: LocalViewer): void {
    const all = [...this]
    const count = (among: readonly Channel[]): number =>
      among.reduce((sum, { followers }) => sum + followers.size, 0)
    if (count(all) >= MOST_TOGETHER) throw new Failure('overloaded', { retryAfterSeconds: 1 })
    if (count(all.filter(({ viewer }) => viewer.audience === audience)) >= MOST_EACH)
      throw new Failure('limit_reached', {
        detail: `An application follows the changes of one daemon at most ${MOST_EACH} times at once.`,
      })
  }
}
