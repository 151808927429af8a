import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openMongoStore } from '../../daemon/adapters/mongodb/store.ts'
import { StoreFailure, type Store } from '../../daemon/ports/stores/index.ts'
import { freshDatabase } from '../support/mongo.ts'
import { type ProxiedServer, startProxiedServer } from '../support/replica-set.ts'
import { MANY, aNamedAccount, anOtp, aSession, attemptAt, stepOf, T0 } from '../stores/samples.ts'

const UNAVAILABLE_MS = 3000
const RECOVERY_MS = 5000

let server: ProxiedServer
let store: Store
beforeAll(async () => {
  server = await startProxiedServer()
  store = await openMongoStore(freshDatabase(server.uri))
}, 60_000)
afterEach(() => server.proxy.pass())
afterAll(async () => {
  await store.close()
  await server.stop()
})

/** A request that writes to a collection. */
const writesTo = (collection: string) => (request: Buffer) =>
  /(insert|update|delete|findAndModify)\0/.test(request.subarray(0, 64).toString('latin1')) &&
  request.includes(`${collection}\0`)

/** Runs a verb whose `nth` write to a collection is done by the server, and whose reply is lost. */
const losingReply = async <T>(collection: string, verb: () => Promise<T>): Promise<T> => {
  const lost = server.proxy.loseNextReply(writesTo(collection))
  const outcome = await verb()
  await lost
  return outcome
}

const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (error instanceof StoreFailure ? error.kind : `unexpected ${String(error)}`),
  )

describe('a write whose reply is lost after the server has done it takes effect once, and its caller learns how it ended', () => {
  test('A4: a code is consumed, by this caller', async () => {
    const otp = anOtp()
    await store.otps.save(otp)
    expect(await losingReply('otps', () => store.otps.consume(attemptAt(otp)))).toEqual({ kind: 'consumed' })
    expect(await store.otps.consume(attemptAt(otp))).toEqual({ kind: 'absent' })
  })

  test('A3: a wrong try counts once', async () => {
    const otp = anOtp()
    await store.otps.save(otp)
    const wrong = attemptAt(otp, { codeMac: 'wrong' })
    expect(await losingReply('otps', () => store.otps.consume(wrong))).toEqual({ kind: 'wrong' })
    for (let n = 0; n < 4; n++) expect(await store.otps.consume(wrong)).toEqual({ kind: 'wrong' })
    expect(await store.otps.consume(wrong)).toEqual({ kind: 'exhausted' })
  })

  test('D2: a session is rotated once', async () => {
    const session = aSession()
    await store.sessions.insert(session, MANY)
    const outcome = await losingReply('sessions', () => store.sessions.rotate(stepOf(session)))
    expect(outcome).toEqual({ kind: 'rotated' })
    expect(await store.sessions.get(session.id)).toMatchObject({ rotation: 1 })
  })

  test('D3: the first to find reuse is told so', async () => {
    const session = aSession()
    await store.sessions.insert(session, MANY)
    await store.sessions.rotate(stepOf(session))
    const reuse = stepOf(session, { graceMs: 0 })
    expect(await losingReply('sessions', () => store.sessions.rotate(reuse))).toEqual({
      kind: 'reused',
      first: true,
    })
  })

  test('K5: of what went together each is done once, and each caller learns how its own ended', async () => {
    const sessions = Array.from({ length: 20 }, () => aSession())
    await losingReply('sessions', () =>
      Promise.all(sessions.map((session) => store.sessions.insert(session, MANY))),
    )
    const steps = sessions.map((session, n) => stepOf(session, { presented: n % 2 ? 7 : 0 }))
    const outcomes = await losingReply('sessions', () =>
      Promise.all(steps.map((step) => store.sessions.rotate(step))),
    )
    expect(outcomes.map(({ kind }) => kind)).toEqual(sessions.map((_, n) => (n % 2 ? 'refused' : 'rotated')))
    for (const [n, { id }] of sessions.entries())
      expect(await store.sessions.get(id)).toMatchObject({ rotation: n % 2 ? 0 : 1, revokedAt: null })
  })

  test('F8: an event is counted once', async () => {
    const limit = { key: 'lost', windows: [{ limit: 2, windowMs: 60_000 }] }
    expect(await losingReply('limits', () => store.limits.take([limit], T0))).toMatchObject({
      allowed: true,
    })
    expect(await store.limits.take([limit], T0)).toMatchObject({ allowed: true })
    expect(await store.limits.take([limit], T0)).toMatchObject({ allowed: false })
  })

  test.each(['accounts', 'reservations'])(
    'K9: an account is inserted, whichever write loses its reply: %s',
    async (collection) => {
      const account = aNamedAccount(`asha-${collection}`)
      await losingReply(collection, () => store.accounts.insert(account))
      expect(await store.accounts.get(account.id)).toEqual(account)
      expect(await kindOf(store.accounts.insert(aNamedAccount(`asha-${collection}`)))).toBe('conflict')
    },
  )

  test('K10: a slot is claimed by this caller', async () => {
    const claim = { job: 'lost', slot: T0, now: T0, leaseMs: 1000 }
    const fence = await losingReply('leases', () => store.leases.claimSlot(claim))
    expect(fence).toEqual({ job: 'lost', token: 1 })
    expect(await store.leases.claimSlot({ ...claim, now: T0 + 5000 })).toBeUndefined()
  })

  test('a claim of an idempotency key is this caller’s', async () => {
    const claim = { key: 'lost', fingerprint: 'f', now: T0, leaseUntil: T0 + 1000, expiresAt: T0 + 5000 }
    expect(await losingReply('idempotency', () => store.idempotency.begin(claim))).toEqual({
      kind: 'started',
    })
    expect(await store.idempotency.begin(claim)).toEqual({ kind: 'in-progress' })
  })
})

describe('the network', () => {
  const timed = async (verb: () => Promise<unknown>): Promise<{ kind: string; ms: number }> => {
    const start = performance.now()
    const kind = await kindOf(verb())
    return { kind, ms: performance.now() - start }
  }

  const recovered = async (): Promise<number> => {
    const start = performance.now()
    while ((await kindOf(store.ping())) !== 'resolved') {
      if (performance.now() - start > 2 * RECOVERY_MS) break
      await sleep(20)
    }
    return performance.now() - start
  }

  test.each(['swallow', 'refuse'] as const)(
    'K6: %s: every verb fails as unavailable in time, later ones at once, and it works again soon after',
    { timeout: 60_000 },
    async (fault) => {
      server.proxy[fault]()
      const first = await Promise.all(
        Array.from({ length: 50 }, (_, n) =>
          timed(() => (n % 2 ? store.sessions.get(aSession().id) : store.sessions.insert(aSession(), MANY))),
        ),
      )
      expect(new Set(first.map(({ kind }) => kind))).toEqual(new Set(['unavailable']))
      expect(Math.max(...first.map(({ ms }) => ms))).toBeLessThan(UNAVAILABLE_MS)
      await sleep(4500)
      const later = await timed(() => store.ping())
      expect(later.kind).toBe('unavailable')
      expect(later.ms).toBeLessThan(100)
      server.proxy.pass()
      expect(await recovered()).toBeLessThan(RECOVERY_MS)
      const session = aSession()
      await store.sessions.insert(session, MANY)
      expect(await store.sessions.get(session.id)).toEqual(session)
    },
  )

  test('connections that are reset under way: nothing is lost, nothing is done twice, and no error is of another kind', async () => {
    const sessions = Array.from({ length: 100 }, () => aSession())
    const inserted = Promise.all(sessions.map((session) => kindOf(store.sessions.insert(session, MANY))))
    const cutting = setInterval(() => server.proxy.reset(), 150)
    const kinds = await inserted
    const rotated: string[] = []
    for (const session of sessions) rotated.push(await kindOf(store.sessions.rotate(stepOf(session))))
    clearInterval(cutting)
    expect([...kinds, ...rotated].every((kind) => kind === 'resolved' || kind === 'unavailable')).toBe(true)
    await recovered()
    for (const [index, session] of sessions.entries()) {
      if (kinds[index] !== 'resolved') continue
      const again = await store.sessions.rotate(stepOf(session))
      expect(['rotated', 'replayed']).toContain(again.kind)
      expect(await store.sessions.get(session.id)).toMatchObject({ rotation: 1, revokedAt: null })
    }
  })

  test('a slow network is slow, not wrong', async () => {
    server.proxy.delay(100)
    const session = aSession()
    const { kind, ms } = await timed(() => store.sessions.insert(session, MANY))
    expect(kind).toBe('resolved')
    expect(ms).toBeGreaterThan(150)
    server.proxy.pass()
    expect(await store.sessions.get(session.id)).toEqual(session)
  })
})
