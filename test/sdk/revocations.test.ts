import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import {
  createKeySet,
  createRevocations,
  createVerifier,
  DaemonUnavailableError,
  type FollowedRevocations,
  InvalidTokenError,
  type VerifierOptions,
} from '../../sdk/server/index.ts'
import { KnownEnds } from '../../sdk/server/ended.ts'
import { thisMoment } from '../../sdk/server/moment.ts'
import { urlOf } from '../support/fetched.ts'
import { ISSUER, startScriptedDecisions, type ScriptedDecisions } from '../support/scripted-decisions.ts'
import { sendJson } from '../support/scripted-server.ts'

let daemon: ScriptedDecisions
let revocations: FollowedRevocations
/** What the daemon answers who asks with a token. */
let status = 200
let path: string | undefined
let asked = 0

const toDaemon: typeof fetch = (input, init) => fetch(urlOf(input).replace(ISSUER, daemon.url), init)

beforeEach(async () => {
  daemon = await startScriptedDecisions()
  status = 200
  path = undefined
  asked = 0
  daemon.answer = ({ url }, response) => {
    if (url !== '/auth/me') return false
    asked += 1
    sendJson(response, status, { code: 'some_code', path })
    return true
  }
  const client = createClient({ baseUrl: daemon.url, accessToken: 'opaque', retries: 0 })
  revocations = createRevocations({ client, issuer: ISSUER, fetch: toDaemon })
  await heard(1)
})
afterEach(async () => {
  await revocations.close()
  await daemon.stop()
})

const heard = (words: number): Promise<void> =>
  expect.poll(() => revocations.lastWord(), { interval: 5 }).toBeGreaterThanOrEqual(words)

const verifierOf = (options: Partial<VerifierOptions> = {}) => {
  const keySet = createKeySet({ issuer: ISSUER, keys: daemon.keys })
  return createVerifier({ issuer: ISSUER, keySet, revocations, fetch: toDaemon, ...options })
}

const faultOf = (verifier: ReturnType<typeof verifierOf>, token: string): Promise<string> =>
  verifier.verify(token).then(
    () => 'taken',
    (error: unknown) => (error instanceof InvalidTokenError ? error.fault : String(error)),
  )

const revoked = (token: string) => ({
  id: createHash('sha256').update(token).digest('base64url'),
  at: at(900_000),
})

const seconds = (): number => Math.floor(Date.now() / 1000)
const at = (afterMs: number): string => new Date(Date.now() + afterMs).toISOString()
/** Issued some seconds after the feed began, as the clocks of tests do not wait. */
const later = (): object => ({ iat: seconds() + 10, exp: seconds() + 900 })
const CLOCK = { clockToleranceSeconds: 60 }
/** The claims of an application. */
const applicationOf = (ownerId: string): object => ({
  sub: 'app_1',
  id: 'app_1',
  client_id: 'app_1',
  role: 'application',
  sid: undefined,
  owner_id: ownerId,
  key_id: 'key_1',
})

test.each([
  ['of an account that was disabled', { ended_accounts: [{ id: 'usr_1', at: at(60_000) }] }, 'ended'],
  ['of a session that was ended', { ended_sessions: [{ id: 'ses_1', at: at(0) }] }, 'ended'],
  ['of another session', { ended_sessions: [{ id: 'ses_2', at: at(0) }] }, 'taken'],
  ['issued after the account was enabled again', { ended_accounts: [{ id: 'usr_1', at: at(0) }] }, 'taken'],
])('S11: a token %s, seen before: %s', async (_which, told, expected) => {
  const verifier = verifierOf(CLOCK)
  const token = daemon.mint(later())
  expect(await faultOf(verifier, token)).toBe('taken')
  daemon.tell(told)
  await heard(2)
  expect(await faultOf(verifier, token)).toBe(expected)
  expect(asked).toBe(0)
})

test('S11: about a token of before the feed began the daemon is asked once, and again after a gap', async () => {
  const verifier = verifierOf()
  const token = daemon.mint()
  for (let n = 0; n < 3; n++) expect(await faultOf(verifier, token)).toBe('taken')
  expect(asked).toBe(1)
  daemon.tell({ reset: true })
  await heard(2)
  status = 403
  expect(await faultOf(verifier, token)).toBe('taken')
  daemon.tell({ reset: true })
  await heard(3)
  status = 401
  expect(await faultOf(verifier, token)).toBe('ended')
  status = 503
  await expect(verifier.verify(token)).rejects.toThrow(DaemonUnavailableError)
  expect(asked).toBe(4)
  expect(await faultOf(verifierOf({ whenUnknown: 'accept' }), token)).toBe('taken')
})

test('S11: about an application of which nothing is told the daemon is asked once a second for all calls, also when it has ended', async () => {
  let now = Date.now()
  const verifier = verifierOf({ now: () => now, ...CLOCK })
  const token = daemon.mint({ ...applicationOf('usr_1'), ...later() })
  const ask = () => Promise.all([1, 2, 3].map(() => faultOf(verifier, token)))
  for (const [afterMs, answered, expected, askedInAll] of [
    [0, 200, 'taken', 1],
    [999, 401, 'taken', 1],
    [1, 401, 'ended', 2],
    [999, 403, 'ended', 2],
    [1, 403, 'taken', 3],
    [-1, 401, 'ended', 4],
  ] as const) {
    now += afterMs
    status = answered
    expect(await ask()).toEqual([expected, expected, expected])
    expect(asked).toBe(askedInAll)
  }
  now += 1000
  status = 503
  await expect(verifier.verify(token)).rejects.toThrow(DaemonUnavailableError)
  status = 200
  expect(await faultOf(verifier, token)).toBe('taken')
  expect(asked).toBe(6)
  for (const options of [{ whenUnknown: 'accept' }, { revocations: undefined }] as const)
    expect(await faultOf(verifierOf({ ...options, ...CLOCK }), token)).toBe('taken')
  expect(asked).toBe(6)
})

const OWNER = 'cli_1'
const life = (is: string, ...keys: readonly [string, string | null][]) => ({
  applications: [{ id: 'app_1', status: is, keys: keys.map(([id, ends_at]) => ({ id, ends_at })) }],
})

test.each<[string, (token: string) => Readonly<Record<string, unknown>>, string]>([
  ['that lives by its key as before', () => life('active', ['key_2', null], ['key_1', at(60_000)]), 'taken'],
  ['that was disabled', () => life('disabled', ['key_1', null]), 'ended'],
  ['that was deleted', () => life('deleted'), 'ended'],
  ['whose key is gone', () => life('active', ['key_2', null]), 'ended'],
  ['whose key has ended', () => life('active', ['key_1', at(-1)]), 'ended'],
  ['whose token was revoked', (token) => ({ ended_tokens: [revoked(token)] }), 'ended'],
  ['of whom another token was revoked', () => ({ ended_tokens: [revoked('another')] }), 'taken'],
])('S11: a token of an application %s: the daemon is not asked', async (_which, told, expected) => {
  daemon.tell({ owner_id: OWNER, applications: [], ended_tokens: [] })
  await heard(2)
  const verifier = verifierOf(CLOCK)
  const token = daemon.mint({ ...applicationOf(OWNER), ...later() })
  expect(await faultOf(verifier, token)).toBe('taken')
  daemon.tell({ owner_id: OWNER, ...told(token) })
  await heard(3)
  expect(await faultOf(verifier, token)).toBe(expected)
  expect(asked).toBe(0)
})

test('S11: an application that is enabled again lives again, and one that lives by a key until a time ends then', () => {
  const ended = new KnownEnds(5000)
  const start = 1_800_000_000_000
  const issuedAt = start / 1000 + 10
  const times = { issuedAt, expiresAt: issuedAt + 900 }
  const whose = {
    applicationId: 'app_1',
    clientId: 'app_1',
    ownerId: OWNER,
    keyId: 'key_1',
    scope: undefined,
  }
  const auth = { role: 'application', ...whose, ...times } as const
  const heardAt = (ms: number, told: object = {}): string => {
    const as_of = new Date(start + ms).toISOString()
    const always = { owner_id: OWNER, as_of, ended_accounts: [], ended_sessions: [] }
    ended.hear({ ...always, ...told }, ms === 0, thisMoment())
    return ended.livenessOf(auth, KNOWN)
  }
  const end = new Date(start + 100_000).toISOString()
  expect(heardAt(0, { applications: [] })).toBe('live')
  expect(heardAt(1000, life('disabled', ['key_1', null]))).toBe('ended')
  expect(heardAt(2000, life('active', ['key_1', null]))).toBe('live')
  expect(heardAt(3000, life('active', ['key_1', end]))).toBe('live')
  expect([90_000, 100_000].map((ms) => heardAt(ms))).toEqual(['live', 'ended'])
})

test('S11: what is told of the owner alone, by a daemon that is told of others, or of before says nothing of a token', async () => {
  path = `adm_1/${OWNER}/sub_1`
  const tell = async (told: Readonly<Record<string, unknown>>): Promise<void> => {
    const words = revocations.lastWord()
    daemon.tell(told)
    await heard(words + 1)
  }
  const askedAfter = async (token: string): Promise<number> => {
    let now = Date.now()
    const verifier = verifierOf({ ...CLOCK, now: () => (now += 1000) })
    const before = asked
    for (let n = 0; n < 3; n++) expect(await faultOf(verifier, token)).toBe('taken')
    return asked - before
  }
  const minted = (owner: string, more = later()) => daemon.mint({ ...applicationOf(owner), ...more })
  await tell({ owner_id: undefined })
  expect(await askedAfter(minted(OWNER)), 'a daemon of before').toBe(3)
  await tell({ owner_id: OWNER })
  expect(await askedAfter(minted(OWNER)), 'the owner itself').toBe(0)
  expect(await askedAfter(minted('sub_1')), 'one below, as the daemon says').toBe(1)
  expect(await askedAfter(minted(OWNER, {})), 'a token of before').toBe(3)
  path = 'adm_2/cli_2'
  expect(await askedAfter(minted('cli_2')), 'one elsewhere').toBe(3)
  await tell({ owner_id: OWNER, ended_accounts: [{ id: OWNER, at: at(60_000) }] })
  expect(await askedAfter(minted(OWNER)), 'an owner with a new password').toBe(3)
})

test('S11: an event that did not arrive is noticed, and what it told is asked for again', async () => {
  const gaps: unknown[] = []
  const client = createClient({ baseUrl: daemon.url, accessToken: 'opaque', retries: 0 })
  const strict = createRevocations({
    client,
    issuer: ISSUER,
    fetch: toDaemon,
    onError: (error) => gaps.push(error),
  })
  onTestFinished(() => strict.close())
  await expect.poll(() => strict.lastWord()).toBe(1)
  const connections = () => daemon.seen.filter(({ url }) => url.startsWith('/policies/events')).length
  const before = connections()
  daemon.tell({ previous: 'p-lost', ended_sessions: [{ id: 'ses_1', at: at(0) }] })
  await expect.poll(() => gaps).toMatchObject([{ code: 'gap' }])
  await expect.poll(connections).toBeGreaterThan(before)
  const [last] = daemon.seen.filter(({ url }) => url.includes('after=')).slice(-1)
  expect(last?.url).toMatch(/after=p\d+/)
})

const KNOWN = { digest: 'd' }
/** An hour, and two minutes by which clocks may be apart. */
const LONGEST_TAKEN_MS = 3_720_000

const authOf = (issuedAt: number, more: object = {}) => ({
  accountId: 'usr_1',
  role: 'user' as const,
  sessionId: 'ses_1',
  clientId: 'c',
  issuedAt,
  expiresAt: issuedAt + 900,
  ...more,
})

test('S11: tokens say the second only: one of the second of an end is asked about, once for each end', () => {
  const ended = new KnownEnds(5000)
  const now = 1_800_000_000
  const told = (second: number, ends: object) => ({
    ...daemon.changes({ as_of: new Date(second * 1000).toISOString(), ...ends }),
  })
  ended.hear(told(now - 100, {}), true, thisMoment())
  expect(ended.livenessOf(authOf(now), KNOWN)).toBe('live')
  expect(ended.livenessOf(authOf(now - 100), KNOWN)).toBe('unknown')
  expect(ended.livenessOf(authOf(now - 100), { ...KNOWN, askedAt: 1 })).toBe('live')
  const end = { ended_accounts: [{ id: 'usr_1', at: new Date(now * 1000 + 400).toISOString() }] }
  ended.hear(told(now, end), false, thisMoment())
  expect(
    [now - 1, now, now + 1].map((issuedAt) => ended.livenessOf(authOf(issuedAt), { ...KNOWN, askedAt: 1 })),
  ).toEqual(['ended', 'unknown', 'live'])
  expect(ended.livenessOf(authOf(now), { ...KNOWN, askedAt: 2 })).toBe('live')
  // An earlier end that is told late, as by two daemons whose clocks differ, takes nothing back.
  const late = { ended_accounts: [{ id: 'usr_1', at: new Date(now * 1000 - 60_000).toISOString() }] }
  ended.hear(told(now + 1, late), false, thisMoment())
  expect(ended.livenessOf(authOf(now - 1), { ...KNOWN, askedAt: 2 })).toBe('ended')
})

test('S11: ends are forgotten when no token can be as old, and are so many and no more', () => {
  const ended = new KnownEnds(5000)
  const told = (ms: number, ids: readonly string[]) =>
    daemon.changes({
      as_of: new Date(ms).toISOString(),
      ended_sessions: ids.map((id) => ({ id, at: new Date(ms).toISOString() })),
    })
  const start = 1_800_000_000_000
  ended.hear(told(start, ['ses_1']), true, thisMoment())
  expect(ended.livenessOf(authOf(start / 1000 + 60), KNOWN)).toBe('ended')
  ended.hear(told(start + LONGEST_TAKEN_MS, []), false, thisMoment())
  expect(ended.livenessOf(authOf(start / 1000 + 60), KNOWN), 'taken by clocks that are apart').toBe('ended')
  ended.hear(told(start + LONGEST_TAKEN_MS + 5001, []), false, thisMoment())
  expect(ended.livenessOf(authOf(start / 1000 + 3600), KNOWN)).toBe('live')
  const ids = Array.from({ length: 100_001 }, (_none, n) => `id${n}`)
  ended.hear(told(start + LONGEST_TAKEN_MS + 5001, ids), false, thisMoment())
  // The oldest has made room: nobody knows of the tokens of before.
  expect(ended.livenessOf(authOf(start / 1000 + 3600, { sessionId: 'id0' }), KNOWN)).toBe('unknown')
  expect(ended.livenessOf(authOf(start / 1000 + 3600, { sessionId: 'id1' }), KNOWN)).toBe('ended')
})

test('S11: an account that is gone for ever, and a token until it expires, keep no end that was told after them', () => {
  const ended = new KnownEnds(5000)
  const start = 1_800_000_000_000
  const told = (ms: number, more: object = {}) =>
    daemon.changes({ as_of: new Date(ms).toISOString(), ...more })
  const forEver = { id: 'usr_2', at: '9999-12-31T23:59:59.000Z' }
  const session = { id: 'ses_1', at: new Date(start).toISOString() }
  ended.hear(told(start, { ended_accounts: [forEver] }), true, thisMoment())
  ended.hear(told(start, { ended_sessions: [session] }), false, thisMoment())
  const gone = authOf(start / 1000 + 60, { accountId: 'usr_2', sessionId: 'ses_2' })
  expect([gone, authOf(start / 1000 + 60)].map((auth) => ended.livenessOf(auth, KNOWN))).toEqual([
    'ended',
    'ended',
  ])
  ended.hear(told(start + LONGEST_TAKEN_MS + 5001), false, thisMoment())
  expect([gone, authOf(start / 1000 + 60)].map((auth) => ended.livenessOf(auth, KNOWN))).toEqual([
    'live',
    'live',
  ])
})

test('S11: while nothing is heard nobody knows', () => {
  const ended = new KnownEnds(5000)
  expect(ended.livenessOf(authOf(1_800_000_000), KNOWN)).toBe('unknown')
  const { clock, steady } = thisMoment()
  ended.hear(daemon.changes(), true, { clock: clock - 5001, steady: steady - 5001 })
  expect(ended.livenessOf(authOf(1_900_000_000), { ...KNOWN, askedAt: 1 })).toBe('unknown')
})
