import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose'
import { expect, test } from 'vitest'
import type { Snapshot } from '../../sdk/types.gen.ts'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from './accounts.ts'
import { postForm, type Api } from './api.ts'
import { basic, createApplication, tokenOf, withKey } from './applications.ts'
import { openStream } from './event-stream.ts'
import { startTestDaemon, type TestDaemon } from './in-process.ts'
import { advanced, createReplica, digestOf, loadFacts, loadSnapshot } from './local-replica.ts'
import { allowing, policyOf, put } from './policy-calls.ts'
import { growWorld, type Citizen, type World } from './local-world.ts'

/** A daemon with a world of tenants. */
export interface LocalHome {
  readonly daemon: TestDaemon
  readonly root: SignedIn
  readonly world: World
}

const SEED = Number(process.env['LOCAL_SEED'] ?? 20_261_127)
const QUESTIONS = Number(process.env['LOCAL_QUESTIONS'] ?? 2000)
const AT_ONCE = 250
const KINDS = ['ALLOW', 'DENY_IMPLICIT', 'DENY_EXPLICIT', 'unknown_action']

export const startLocalHome = async (settings: Parameters<typeof startTestDaemon>[0]): Promise<LocalHome> => {
  const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off', ...settings })
  const root = await bootstrap(daemon.api, daemon.dataDir)
  return { daemon, root, world: await growWorld(daemon.api, root, SEED) }
}

const below = ({ citizens }: World, owner: Citizen): Citizen[] =>
  citizens.filter(({ above }) => above.includes(owner))

const ownersOf = ({ citizens }: World): [Citizen, Citizen] => {
  const [admin, client] = citizens
  if (admin === undefined || client === undefined) throw new Error('an empty world')
  return [admin, client]
}

/** Decides questions about those below an owner by the daemon and by a replica, and compares. */
const compare = async (
  api: Api,
  { world, owner, snapshot }: { world: World; owner: Citizen; snapshot: Snapshot },
): Promise<string[]> => {
  const ids = below(world, owner).map(({ id }) => id)
  const { accounts } = await loadFacts(api, owner.access, ids)
  const decide = createReplica(snapshot, accounts)
  const checks = Array.from({ length: AT_ONCE }, () => ({
    principal: world.chance.pick(ids),
    ...world.question(),
  }))
  const { body, text, status } = await api.post('/access/check/batch', { checks }, owner.access)
  if (status !== 200) throw new Error(text)
  const { results } = body as unknown as { results: { decision: string; reason: string | null }[] }
  const expected = results.map(({ decision, reason }) => reason ?? decision)
  expect(checks.map(({ principal, ...question }) => decide(principal, question))).toEqual(expected)
  return expected
}

/** What is promised of local decisions, on either store. */
export const describeLocalDecisions = (home: () => LocalHome): void => {
  test(
    'L1: a reduced snapshot with facts decides as the daemon does, through changes, whole and by differences',
    { timeout: 60_000 + QUESTIONS * 20 },
    async () => {
      const { daemon, world } = home()
      const followed = new Map<Citizen, Snapshot>()
      const seen = new Map<string, number>()
      const isSeen = (): boolean => KINDS.every((kind) => seen.has(kind))
      // A world may have a kind of answer seldom: it is asked for longer.
      for (let asked = 0; asked < QUESTIONS || (!isSeen() && asked < 5 * QUESTIONS);) {
        for (const owner of ownersOf(world)) {
          const before = followed.get(owner)
          const since = before === undefined ? '' : `&since=${before.revision}`
          const step = await loadSnapshot(daemon.api, owner.access, `?services=billing,orders${since}`)
          expect(step.since).toBe(before?.revision ?? null)
          const snapshot = advanced(before, step)
          followed.set(owner, snapshot)
          const verdicts = await compare(daemon.api, { world, owner, snapshot })
          for (const each of verdicts) seen.set(each, (seen.get(each) ?? 0) + 1)
          asked += AT_ONCE
        }
        await world.change()
      }
      expect([...seen.keys()], `LOCAL_SEED=${SEED}`).toEqual(expect.arrayContaining(KINDS))
    },
  )

  test('L2: nothing of another tenant is handed out, no name of those above, and nothing that people sign in with', async () => {
    const { daemon, world } = home()
    for (const owner of ownersOf(world)) {
      const own = [owner, ...below(world, owner)]
      // What is no id is not there either, and keeps nobody else away.
      const strange = ['nobody', 'app_1', 'USR_1', 'x'.repeat(64)]
      const { accounts, missing } = await loadFacts(daemon.api, owner.access, [
        ...strange,
        ...world.citizens.map(({ id }) => id),
      ])
      expect(accounts.map(({ id }) => id).toSorted()).toEqual(own.map(({ id }) => id).toSorted())
      expect(missing).toHaveLength(strange.length + world.citizens.length - own.length)
      expect(missing).toEqual(expect.arrayContaining(strange))
      const snapshot = await loadSnapshot(daemon.api, owner.access)
      const selecting = Object.values(snapshot.attachments).flatMap((all) =>
        (all ?? []).flatMap(({ to }) => to),
      )
      for (const { marks } of snapshot.above) expect(selecting).toEqual(expect.arrayContaining(marks))
      const told = JSON.stringify([snapshot, accounts])
      const others = world.citizens.filter((each) => !own.includes(each) && !owner.above.includes(each))
      const never = [
        ...others.flatMap(({ id, tag }) => [id, `${tag}-policy`, `${tag}-sid`, `${tag}/`, `"${tag}"`]),
        ...owner.above.flatMap(({ tag }) => [`${tag}-policy`, `${tag}-sid`, `of ${tag}`]),
        ...world.citizens.map(({ username }) => username),
        'rootword-policy',
        'rootword-sid',
        'of rootword',
        '+9198765',
        '@example.com',
        'argon2',
        'Description',
      ]
      expect(
        never.filter((word) => told.includes(word)),
        `LOCAL_SEED=${SEED}`,
      ).toEqual([])
    }
  })

  test('L2: with an account that may not be loaded, those below it are missing, who would come with its facts', async () => {
    const { daemon, root, world } = home()
    const [admin, client] = ownersOf(world)
    const ids = [client, ...below(world, client)].map(({ id }) => id)
    const resource = `account/${[...client.above, client].map(({ id }) => id).join('/')}`
    const statement = { Effect: 'Deny', Action: 'authctl:LoadPolicies', Resource: resource }
    const body = policyOf('rootword-denial', statement)
    expect((await put(daemon.api, '/policies/rootword-denial', { token: root.access, body })).status).toBe(
      201,
    )
    const attached = `/accounts/${admin.id}/policies/rootword-denial`
    expect((await loadFacts(daemon.api, admin.access, ids)).missing).toEqual([])
    expect((await daemon.api.post(attached, {}, root.access)).status).toBe(200)
    expect((await loadFacts(daemon.api, admin.access, ids)).missing.toSorted()).toEqual(ids.toSorted())
    expect((await daemon.api.call('DELETE', attached, { token: root.access })).status).toBeLessThan(300)
  })

  test('L3: what is told is signed for one application, and a changed or borrowed answer shows it', async () => {
    const { daemon, world } = home()
    const [admin, client] = ownersOf(world)
    const keys = createLocalJWKSet(
      (await daemon.api.get('/.well-known/jwks.json')).body as unknown as JSONWebKeySet,
    )
    const verified = async (jws: string | null, typ: string) => {
      expect(decodeProtectedHeader(jws ?? '').typ).toBe(typ)
      const { payload } = await compactVerify(jws ?? '', keys)
      return JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>
    }
    const snapshot = await loadSnapshot(daemon.api, client.access)
    const claims = await verified(snapshot.signature, 'authctl-snapshot+jws')
    expect(claims).toMatchObject({ aud: client.id, revision: snapshot.revision, language: snapshot.language })
    const [reference = '', policy] = Object.entries(snapshot.policies)[0] ?? []
    const widened = {
      ...snapshot,
      policies: { ...snapshot.policies, [reference]: { document: policy?.document ?? '', size: -1 } },
    }
    expect(() => advanced(undefined, widened)).toThrow('not what its revision says')
    expect((await loadSnapshot(daemon.api, admin.access)).revision).not.toBe(snapshot.revision)
    const { signature, ...facts } = await loadFacts(daemon.api, client.access, [
      `${client.id}&nonce=made-up-0123456789`,
    ])
    const told = await verified(signature, 'authctl-accounts+jws')
    expect(told).toMatchObject({ aud: client.id, digest: digestOf(facts), nonce: 'made-up-0123456789' })
    const { signature: over, ...changes } = (await daemon.api.get('/policies/changes', client.access))
      .body as never as { signature: string }
    expect(await verified(over, 'authctl-changes+jws')).toMatchObject({
      aud: client.id,
      digest: digestOf(changes),
    })
  })

  test('L4: a change by one daemon is on the streams of all, ends tokens, and is told to those who come back later', async () => {
    const { daemon, root, world } = home()
    const other = await daemon.another()
    const [admin, client] = ownersOf(world)
    const [sub] = below(world, client)
    if (sub === undefined) throw new Error('nobody below')
    const session = signedIn(
      await daemon.api.post('/auth/subclient/login', { username: sub.username, password: PASSWORD }),
    )
    const streams = [await openStream(daemon.url, client.access), await openStream(other.url, admin.access)]
    for (const { events } of streams) await expect.poll(() => events.length).toBeGreaterThan(0)
    const start = streams[0]?.events[0]?.position ?? ''
    await daemon.api.post('/auth/logout', {}, session.access)
    await daemon.api.post(`/accounts/${sub.id}/disable`, {}, root.access)
    for (const { events } of streams) {
      await expect
        .poll(() => events.flatMap(({ ended_accounts: ended }) => ended.map(({ id }) => id)))
        .toEqual([sub.id])
      expect(events.flatMap(({ ended_sessions: ended }) => ended)).toHaveLength(1)
      expect(events.flatMap(({ accounts }) => accounts)).toEqual([sub.id])
    }
    await daemon.api.post(`/accounts/${sub.id}/enable`, {}, root.access)
    const missed = await other.api.get(`/policies/changes?after=${start}`, client.access)
    expect(missed.body).toMatchObject({ reset: false, accounts: [sub.id], ended_sessions: [{}] })
    const back = await openStream(other.url, client.access, { lastEventId: 'of-another-store' })
    await expect.poll(() => back.events[0]?.reset).toBe(true)
    const before = streams.map(({ events }) => events.at(-1)?.revision)
    const body = allowing('rootword-new', 'orders:Read')
    expect((await put(daemon.api, '/policies/rootword-new', { token: root.access, body })).status).toBe(201)
    for (const [index, { events }] of streams.entries())
      await expect.poll(() => events.at(-1)?.revision).not.toBe(before[index])
    const found = await loadSnapshot(other.api, admin.access)
    expect(found.revision).toBe(streams[1]?.events.at(-1)?.revision)
    for (const each of [...streams, back]) each.close()
  })

  test('L4: what applications live by is told when it changes, and which of their tokens were revoked', async () => {
    const { daemon, world } = home()
    const other = await daemon.another()
    const [, client] = ownersOf(world)
    const { access } = client
    const another = world.citizens.findLast(({ role }) => role === 'client')
    const stream = await openStream(other.url, access)
    const stranger = await openStream(other.url, another?.access ?? '')
    await expect.poll(() => stream.events.length).toBeGreaterThan(0)
    const lives = () => stream.events.flatMap(({ applications }) => applications)
    const application = await createApplication(daemon.api, access)
    const { id, keyId } = application
    const token = await tokenOf(daemon.api, application)
    const revoke = (what: string) =>
      postForm(daemon.api, '/oauth/revoke', { token: what }, basic(id, application.key))
    expect((await revoke(token)).status).toBe(200)
    const digest = createHash('sha256').update(token).digest('base64url')
    await expect
      .poll(() => stream.events.flatMap(({ ended_tokens: ended }) => ended))
      .toMatchObject([{ id: digest }])
    expect(lives()).toEqual([])
    const next = withKey(
      await daemon.api.post(`/applications/${id}/rotate`, { overlap_seconds: 600 }, access),
    )
    const keys = [
      { id: next.keyId, ends_at: null },
      { id: keyId, ends_at: new Date(daemon.clock.now() + 600_000).toISOString() },
    ]
    await expect.poll(lives).toEqual([{ id, status: 'active', keys }])
    await daemon.api.call('PATCH', `/applications/${id}`, { body: { status: 'disabled' }, token: access })
    await expect.poll(() => lives().at(-1)).toEqual({ id, status: 'disabled', keys })
    await daemon.api.del(`/applications/${id}`, access)
    await expect.poll(() => lives().at(-1)).toMatchObject({ id, status: 'deleted', keys: [] })
    expect(stream.events.some(({ reset }) => reset)).toBe(false)
    const positions = stream.events.map(({ position }) => position)
    expect(stream.events.slice(1).map(({ previous }) => previous)).toEqual(positions.slice(0, -1))
    expect(stranger.events.flatMap(({ applications: of, ended_tokens: ended }) => [...of, ...ended])).toEqual(
      [],
    )
    for (const each of [stream, stranger]) each.close()
  })

  test('L4: a poll goes on from where it was asked for, whatever came meanwhile that was not for it', async () => {
    const { daemon, world } = home()
    const [admin, client] = ownersOf(world)
    const [own, another] = [
      await createApplication(daemon.api, client.access),
      await createApplication(daemon.api, admin.access),
    ]
    const disable = ({ id }: { readonly id: string }, token: string) =>
      daemon.api.call('PATCH', `/applications/${id}`, { body: { status: 'disabled' }, token })
    const ask = (query: string) => daemon.api.get(`/policies/changes?${query}`, client.access)
    const { position: after, revision } = (await ask('')).body
    await disable(another, admin.access)
    const polled = ask(`after=${after}&revision=${revision}&wait=20`)
    await pause(100)
    await disable(own, client.access)
    const { body } = await polled
    expect(body).toMatchObject({ previous: after, applications: [{ id: own.id, status: 'disabled' }] })
    expect(body['position']).not.toBe(after)
  })

  test('L5: a stream ends with the one who follows, and when its daemon is drained', async () => {
    const { daemon, root, world } = home()
    const leaving = world.citizens.findLast(({ role }) => role === 'client')
    const [admin] = ownersOf(world)
    if (leaving === undefined) throw new Error('nobody leaves')
    const application = await createApplication(daemon.api, leaving.access)
    const token = await tokenOf(daemon.api, application)
    const streams = [await openStream(daemon.url, token), await openStream(daemon.url, leaving.access)]
    await expect.poll(() => streams[0]?.events[0]?.audience).toBe(application.id)
    const off = { token: leaving.access, body: { status: 'disabled' }, headers: { 'if-match': '*' } }
    expect((await daemon.api.call('PATCH', `/applications/${application.id}`, off)).status).toBe(200)
    await expect.poll(streams[0]?.isEnded ?? (() => false)).toBe(true)
    expect(streams[1]?.isEnded()).toBe(false)
    await daemon.api.post(`/accounts/${leaving.id}/disable`, {}, root.access)
    await expect.poll(streams[1]?.isEnded ?? (() => false)).toBe(true)
    for (const { events } of streams) expect(events.at(-1)?.ending).toBe('token_ended')
    const last = await openStream(daemon.url, admin.access)
    await daemon.stop()
    await expect.poll(last.isEnded).toBe(true)
    expect(last.events.at(-1)?.ending).toBe('draining')
  })
}
