import { AuthctlError } from '../errors.ts'
import { fetchWithin } from './fetch-within.ts'

/** The keys of the daemon cannot be had: it does not answer, or not with keys. Answer 503, not 401. */
export class KeysUnavailableError extends AuthctlError {
  constructor(url: string, cause: unknown) {
    super('keys_unavailable', `the keys at ${url} cannot be loaded`, { cause })
  }
}

/** A public key and its published form; the same object as long as the key is published. */
export interface PublicKey {
  readonly x: string
  readonly key: Awaited<ReturnType<typeof crypto.subtle.importKey>>
}

/** The keys that signatures are accepted from. */
export interface KeySet {
  /** The key of an id, if it is in the keys at hand; asks nobody. */
  readonly current: (kid: string) => PublicKey | undefined
  /**
   * The key of an id. Loads the keys if there are none or they are old, and once in a while for an id that is
   * not among them. Rejects with {@link KeysUnavailableError}.
   */
  readonly find: (kid: string) => Promise<PublicKey | undefined>
  /** Begins to load keys that are no longer fresh; those at hand serve meanwhile. */
  readonly refresh: () => void
}

/** One member of a JWK set (RFC 7517), as far as it is read. */
export interface Jwk {
  readonly kty?: string
  readonly crv?: string
  readonly x?: string
  readonly kid?: string
  readonly use?: string
  readonly alg?: string
  readonly key_ops?: readonly string[]
}

const FRESH_MS = 10 * 60_000
/** Without an answer of the daemon for so long its keys are no longer believed. */
const STALE_MS = 60 * 60_000
/** An id that is not among the keys loads them again once in this time, even if ids are made up. */
const COOLDOWN_MS = 30_000
/** The pause after a load that failed. */
const PAUSE_MS = 1000

/** Whether a member of a set is a key of ours; a set may hold anything. */
const verifies = (member: unknown): member is Jwk & Required<Pick<Jwk, 'kid' | 'x'>> => {
  if (typeof member !== 'object' || member === null) return false
  const { kty, crv, kid, x, use, alg, key_ops: operations } = member as Jwk
  return (
    kty === 'OKP' &&
    crv === 'Ed25519' &&
    typeof kid === 'string' &&
    typeof x === 'string' &&
    (use === undefined || use === 'sig') &&
    (alg === undefined || alg === 'EdDSA') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify')))
  )
}

/** The key of a published form; undefined for one that is none, so that it spoils no other. */
const importKey = async (x: string): Promise<PublicKey | undefined> => {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x }
    return { x, key: await crypto.subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify']) }
  } catch {
    return undefined
  }
}

/** The usable keys by their ids; an id that two keys have is none. Keys of before stay the same objects. */
const importKeys = async (
  jwks: readonly unknown[],
  before: ReadonlyMap<string, PublicKey>,
): Promise<Map<string, PublicKey>> => {
  const usable = jwks.filter(verifies)
  const keys = new Map<string, PublicKey>()
  for (const { kid, x } of usable) {
    if (usable.filter((other) => other.kid === kid).length > 1) continue
    const known = before.get(kid)
    const key = known?.x === x ? known : await importKey(x)
    if (key !== undefined) keys.set(kid, key)
  }
  return keys
}

/** Keys that are given, for places without a network. */
export const staticKeys = (jwks: readonly Jwk[]): KeySet => {
  let keys = new Map<string, PublicKey>()
  const ready = importKeys(jwks, keys).then((imported) => void (keys = imported))
  ready.catch(() => undefined)
  return {
    current: (kid) => keys.get(kid),
    find: async (kid) => {
      await ready
      return keys.get(kid)
    },
    refresh: () => undefined,
  }
}

/** What a set of keys is loaded by. */
export interface RemoteKeys {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
  readonly timeoutMs: number
  readonly now: () => number
}

const membersOf = async (answer: Response): Promise<readonly unknown[]> => {
  if (!answer.ok) throw new Error(`status ${answer.status}`)
  const body = (await answer.json()) as { keys?: readonly unknown[] }
  if (!Array.isArray(body.keys)) throw new Error('the answer is no set of keys')
  return body.keys
}

/**
 * The keys at an address. Fresh for 10 minutes; after that they are loaded again beside the calls, and serve
 * for an hour more if that fails. One load at a time.
 */
export const remoteKeys = ({ url, fetch, timeoutMs, now }: RemoteKeys): KeySet => {
  let keys = new Map<string, PublicKey>()
  let loadedAt = -Infinity
  let triedAt = -Infinity
  let failure: unknown
  let loading: Promise<void> | undefined

  /**
   * How long ago something was; by a clock that was put back since then nobody knows, so that it is long ago.
   */
  const since = (then: number): number => {
    const ms = now() - then
    return ms < -PAUSE_MS ? Infinity : ms
  }

  const load = async (): Promise<void> => {
    try {
      keys = await importKeys(await fetchWithin({ url, fetch, timeoutMs }, membersOf), keys)
      loadedAt = now()
      failure = undefined
    } catch (error) {
      failure = error
    }
  }

  /** Loads the keys unless a load ended a moment ago; those who come meanwhile wait for the same one. */
  const reload = (pauseMs: number): Promise<void> => {
    if (loading === undefined && since(triedAt) >= pauseMs) {
      triedAt = now()
      loading = load().finally(() => (loading = undefined))
    }
    return loading ?? Promise.resolve()
  }

  const isStale = (): boolean => since(loadedAt) > STALE_MS

  return {
    current: (kid) => (isStale() ? undefined : keys.get(kid)),
    refresh: () => {
      if (since(loadedAt) > FRESH_MS) void reload(PAUSE_MS)
    },
    find: async (kid) => {
      if (isStale()) await reload(PAUSE_MS)
      if (isStale()) throw new KeysUnavailableError(url, failure)
      if (!keys.has(kid)) await reload(COOLDOWN_MS)
      return keys.get(kid)
    },
  }
}
