import type { Actor } from './actors.ts'
import type { WireAnswer } from './wire.ts'

const KEPT = 300
const LONGEST_READ = 50_000

/** Ids that answers gave, by their prefix; that of the super-admin stays out, so that it is never deleted. */
class Ids {
  readonly #ids = new Map<string, string[]>()
  readonly #root: string
  #turn = 0

  constructor(root: string) {
    this.#root = root
  }

  learn(text: string): void {
    for (const [id, prefix = ''] of text.matchAll(/\b(sa|adm|cli|sub|usr|ses)_[0-9a-z]{26}\b/g)) {
      if (id === this.#root || id.endsWith('0'.repeat(26))) continue
      const ids = this.#ids.get(prefix) ?? []
      ids[this.#turn++ % KEPT] = id
      this.#ids.set(prefix, ids.filter(Boolean))
    }
  }

  some(prefix: string): string | undefined {
    const ids = this.#ids.get(prefix) ?? []
    return ids[this.#turn++ % Math.max(1, ids.length)]
  }
}

/** The newest of something, each to be taken out once. */
export class Pool<T> {
  readonly #items: T[] = []

  add(item: T): void {
    this.#items.push(item)
    if (this.#items.length > KEPT) this.#items.shift()
  }

  take(): T | undefined {
    return this.#items.shift()
  }

  /** One that stays: the next in turn. */
  next(): T | undefined {
    const item = this.#items.shift()
    if (item !== undefined) this.#items.push(item)
    return item
  }
}

/** Somebody whom a request of the run has made, by what he signs in with. */
export type Credentials = { readonly username: string } | { readonly number: string }

/** What the answers of a run have told so far: of it, requests are made that should succeed. */
export class Knowledge {
  readonly ids: Ids
  /** Ids of denials. */
  readonly decisions = new Pool<string>()
  /** Numbers to which a code was sent, by the topic that they sign in at. */
  readonly coded = new Map<string, Pool<string>>()
  /** Whom requests have made, by topic. */
  readonly made = new Map<string, Pool<Credentials>>()
  /** Policies that were attached to accounts. */
  readonly attached = new Pool<readonly [id: string, name: string]>()
  /** The newest plan of a set. */
  plan: object | undefined
  /** Who has applied a set beside what is in force. */
  shadow: 'admin' | 'client' | undefined
  /** Whether the user has set the refresh key of the run. */
  hasRefreshKey = false
  readonly places = new Pool<string>()
  readonly applications = new Pool<readonly [owner: Actor, id: string]>()
  /** A key that does not sign yet. */
  nextKey: string | undefined
  /** Whether a key was revoked. */
  hasRevoked = false
  /** User codes of devices that wait. */
  readonly userCodes = new Pool<string>()
  /** Refresh tokens of sign-ins. */
  readonly refreshTokens = new Pool<string>()
  readonly sessions = new Pool<readonly [owner: Actor, id: string]>()
  /** What an actor has read of the attachments of its namespace. */
  readonly attachments = new Map<Actor, readonly unknown[]>()
  readonly #tags = new Map<string, string>()

  constructor(root: string) {
    this.ids = new Ids(root)
  }

  /** The entity tag that an actor has last seen under a target. */
  tagOf(actor: Actor, target: string): string | undefined {
    return this.#tags.get(`${actor} ${target}`)
  }

  /** Notes a tag that stood in a list. */
  see({ actor, target }: { actor: Actor; target: string }, tag: string): void {
    this.#learnTag(`${actor} ${target}`, { isGone: false, status: 200, tag })
  }

  /** What has a tag and stands under a path, as somebody saw it. */
  seenUnder(prefix: string): readonly (readonly [actor: Actor, target: string])[] {
    return [...this.#tags.keys()]
      .map((key) => key.split(' ') as [Actor, string])
      .filter(([, target]) => target.startsWith(prefix))
  }

  learn(
    { actor, method, target }: { actor: Actor; method: string; target: string },
    answer: WireAnswer,
  ): void {
    const { status, headers, text } = answer
    const [, decision] = /"decision_id":"([\w-]+)"/.exec(text) ?? []
    if (decision !== undefined && text.includes('den')) this.decisions.add(decision)
    const [, refresh] = /\/login\b/.test(target) ? (/"refresh_token":"([^"]+)"/.exec(text) ?? []) : []
    if (refresh !== undefined) this.refreshTokens.add(refresh)
    this.#learnTag(`${actor} ${target}`, { isGone: method === 'DELETE', status, tag: headers.get('etag') })
    if (status < 300 && text.length <= LONGEST_READ) this.ids.learn(text)
  }

  #learnTag(
    key: string,
    { isGone, status, tag }: { isGone: boolean; status: number; tag?: string | undefined },
  ) {
    if (status === 412 || status === 404 || (isGone && status < 300)) this.#tags.delete(key)
    else if (status < 300 && tag !== undefined) {
      // The newest stand last, and the oldest are forgotten.
      this.#tags.delete(key)
      this.#tags.set(key, tag)
      const [oldest] = this.#tags.keys()
      if (this.#tags.size > KEPT && oldest !== undefined) this.#tags.delete(oldest)
    }
  }
}

/** The pool of a topic. */
export const poolOf = <T>(pools: Map<string, Pool<T>>, topic: string): Pool<T> => {
  const pool = pools.get(topic) ?? new Pool<T>()
  pools.set(topic, pool)
  return pool
}
