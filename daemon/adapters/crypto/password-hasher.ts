import { availableParallelism } from 'node:os'
import { randomBytes } from 'node:crypto'
import { Failure } from '../../domain/failure.ts'
import type { PasswordHasher } from '../../ports/crypto.ts'
import { lowerHashPriority } from './hash-priority.ts'

/** OWASP's second argon2id choice: 19 MiB, 2 passes, 1 lane (B1). */
export const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** What a hash costs: KiB, passes and lanes (RFC 9106). */
type Cost = { readonly [Part in keyof typeof ARGON2ID]: number }

/** How a hash of these parameters begins. */
const beginningOf = ({ memoryCost, timeCost, parallelism }: Cost): string =>
  `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$`

/** What libuv's pool has unless `UV_THREADPOOL_SIZE` says otherwise. */
const DEFAULT_THREADS = 4
/** Hashes that may wait for each running one; about a second of work. */
const WAITING_PER_SLOT = 16

interface Argon2 {
  hash(password: string): Promise<string>
  verify(hash: string, password: string): Promise<boolean>
}

/**
 * The native build that is about three times as fast, where it loads; otherwise the `argon2` package. Both
 * make the same hashes.
 */
const loadArgon2 = async (cost: Cost): Promise<Argon2> => {
  try {
    const native = await import('@node-rs/argon2')
    const options = { ...cost, outputLen: 32 }
    return {
      hash: (password) => native.hash(password, options),
      verify: (hash, password) => native.verify(hash, password),
    }
  } catch {
    const portable = (await import('argon2')).default
    const options = { ...cost, hashLength: 32, type: 2 as const }
    return {
      hash: (password) => portable.hash(password, options),
      verify: (hash, password) => portable.verify(hash, password),
    }
  }
}

/**
 * At most `slots` tasks at once and `waiting` more in line; beyond that it throws `overloaded`. The slot
 * belongs to the running work.
 */
export const createPool = (slots: number, waiting: number) => {
  const line: (() => void)[] = []
  let running = 0
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (running >= slots) {
      if (line.length >= waiting)
        throw new Failure('overloaded', { retryAfterSeconds: 1 + Math.floor(Math.random() * 3) })
      await new Promise<void>((resolve) => line.push(resolve))
    } else running++
    try {
      return await task()
    } finally {
      const next = line.shift()
      if (next === undefined) running--
      else next()
    }
  }
}

/**
 * Hashes at a time: one more than there are cores, so that none of them idles while the main thread hands out
 * the next; and fewer than the threads they run on, so that files and signatures never wait for passwords.
 */
export const hashSlots = (cores: number, threads: number): number =>
  Math.max(1, Math.min(cores + 1, threads - 1))

/**
 * argon2id (RFC 9106), at most `hashSlots` hashes at a time, on threads that come after the main thread. The
 * library is loaded, and the decoy hash made, on first use.
 * @param threads of libuv's pool in this process
 * @param cost another one only where hashes protect nothing, as in tests
 */
export const createPasswordHasher = (threads = DEFAULT_THREADS, cost: Cost = ARGON2ID): PasswordHasher => {
  const present = beginningOf(cost)
  const slots = hashSlots(availableParallelism(), threads)
  const inPool = createPool(slots, slots * WAITING_PER_SLOT)
  let loading: Promise<{ argon2: Argon2; decoy: string }> | undefined
  const load = () =>
    (loading ??= loadArgon2(cost).then(async (argon2) => {
      const decoy = await argon2.hash(randomBytes(24).toString('base64'))
      lowerHashPriority()
      return { argon2, decoy }
    }))

  return {
    hash: (password) => inPool(async () => (await load()).argon2.hash(password)),
    verify: (password, hash) =>
      inPool(async () => {
        const { argon2, decoy } = await load()
        const matches = await argon2.verify(hash ?? decoy, password)
        return hash !== null && matches
      }),
    needsRehash: (hash) => !hash.startsWith(present),
  }
}
