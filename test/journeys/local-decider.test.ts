import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../../sdk/index.ts'
import { createDecider, type Decider, type LocalDecision } from '../../sdk/local/index.ts'
import { applicationSession, createVerifier } from '../../sdk/server/index.ts'
import { diceOf, type Dice } from '../policies/draws.ts'
import { signInUser, type Family, type SignedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { createApplication } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import { urlOf } from '../support/fetched.ts'
import { startFaultProxy, type FaultProxy } from '../support/fault-proxy.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { policyOf, put } from '../support/policy-calls.ts'

/*
 * A decider that follows a real daemon as an application of an admin, asked beside `POST /access/check`:
 * through changes, another daemon of the same store, and a network that is cut.
 */

const ISSUER = 'https://auth.example.test'
const MAX_STALENESS_MS = 3000
const QUESTIONS = 150

let daemon: TestDaemon
let api: Api
let family: Family
let users: SignedIn[]
let proxy: FaultProxy
let decider: Decider
/** Where requests of the decider go: as behind a balancer. */
let target: string
let ticking: NodeJS.Timeout

const SERVICE = {
  service: 'orders',
  actions: {
    Read: { resources: ['order'], keys: ['orders.total', 'orders.tags'] },
    Write: { resources: ['order'], keys: ['orders.total'] },
  },
  resource_types: { order: {} },
  context_keys: {
    'orders.total': { type: 'number', always: false },
    'orders.tags': { type: 'set<string>', always: false },
  },
}
const CONDITIONS = [
  {},
  { NumericLessThan: { 'orders.total': 50 } },
  { StringEquals: { 'principal.attributes.tier': ['gold', 'silver'] } },
  { 'ForAnyValue:StringEquals': { 'orders.tags': ['a', 'b'] } },
  { StringLike: { 'resource.owner': '${caller.id}' } },
  { IpAddress: { 'request.ip': '10.0.0.0/8' } },
]
const RESOURCES = ['order/*', 'order/a/*', 'order/${principal.path}/*', '*', 'order/?']

const drawPolicy = (dice: Dice, id: string) =>
  policyOf(
    id,
    { Effect: 'Allow', Action: 'orders:*', Resource: 'order/*' },
    ...Array.from({ length: 1 + dice.below(4) }, () => ({
      Effect: dice.oneIn(2) ? 'Deny' : 'Allow',
      Action: dice.pick(['orders:*', 'orders:Read', 'orders:W*']),
      Resource: dice.pick(RESOURCES),
      Condition: dice.pick(CONDITIONS),
    })),
  )

const drawQuestion = (dice: Dice, ids: readonly string[]) => {
  const principal = dice.pick(ids)
  const context: Record<string, string | number | string[]> = {}
  if (dice.oneIn(2)) context['orders.total'] = dice.below(100)
  if (dice.oneIn(2)) context['orders.tags'] = dice.pick([['a'], ['b', 'c'], []])
  if (dice.oneIn(2)) context['resource.owner'] = dice.pick(ids)
  if (dice.oneIn(2)) context['request.ip'] = dice.pick(['10.1.2.3', '192.0.2.1'])
  return {
    principal,
    action: dice.pick(['orders:Read', 'orders:Write', 'orders:Fly']),
    resource: dice.pick(['order/a/b', 'order/1', `order/${principal}/x`, 'place/1']),
    context,
  }
}

/** The keys and the calls of the decider go where requests go now. */
const toTarget: typeof fetch = (input, init) => fetch(urlOf(input).replace(ISSUER, target), init)

useFamily({ AUTHCTL_RATE_LIMITS: 'off', PUBLIC_URL: ISSUER }, (home) => ({ daemon, api, family } = home))
beforeAll(async () => {
  // The clock of the daemon goes as that of the decider does.
  ticking = setInterval(() => daemon.clock.advance(Date.now() - daemon.clock.now()), 20)
  users = [await signInUser(daemon, '+919876543210'), await signInUser(daemon, '+919876543211')]
  const { root } = family
  await put(api, '/services/orders', { token: root.access, body: SERVICE })
  await put(api, '/policies/everybody', { token: root.access, body: drawPolicy(diceOf(1), 'everybody') })
  for (const { id } of [family.admin, family.client, family.subClient, ...users])
    expect((await api.post(`/accounts/${id}/policies/everybody`, {}, root.access)).status).toBe(200)
  proxy = await startFaultProxy(Number(new URL(daemon.url).port))
  target = `http://127.0.0.1:${proxy.port}`
  const { id: applicationId, key: serviceKey } = await createApplication(api, family.admin.access)
  const storage = applicationSession({ baseUrl: ISSUER, applicationId, serviceKey, fetch: toTarget })
  const client = createClient({ baseUrl: ISSUER, storage, fetch: toTarget })
  decider = createDecider({
    client,
    issuer: ISSUER,
    fetch: toTarget,
    maxStalenessMs: MAX_STALENESS_MS,
    onStale: 'deny',
  })
  await decider.ready()
})
afterAll(async () => {
  await decider.close()
  await proxy.stop()
  clearInterval(ticking)
})

const ids = (): string[] => [family.client.id, family.subClient.id, ...users.map(({ id }) => id)]

/** What the daemon and the decider say of questions that a seed draws. */
const askBoth = async (seed: number) => {
  const dice = diceOf(seed)
  const checks = Array.from({ length: QUESTIONS }, () => drawQuestion(dice, ids()))
  await decider.load(...ids())
  const local = checks.map(({ principal, action, resource, context }) =>
    decider.decide(principal, action, resource, context),
  )
  const { status, text, body } = await api.post('/access/check/batch', { checks }, family.admin.access)
  expect(status, text).toBe(200)
  return { local, daemon: (body as unknown as { results: LocalDecision[] }).results }
}

/** Waits until both say the same; nothing may be allowed that nobody has decided. */
const expectSame = async (seed: number): Promise<void> => {
  const differences = async (): Promise<unknown[]> => {
    const said = await askBoth(seed)
    return said.local.flatMap((one, n) => {
      const { decision, reason } = said.daemon[n] as LocalDecision
      return one.decision === decision && one.reason === reason ? [] : [[one, said.daemon[n]]]
    })
  }
  await expect.poll(differences, { interval: 20 }).toEqual([])
}

const change = async (method: string, path: string, body?: object): Promise<void> => {
  const { status, text } = await api.call(method, path, {
    token: family.root.access,
    headers: { 'if-match': '*' },
    ...(body === undefined ? {} : { body }),
  })
  expect(status, text).toBeLessThan(300)
}

test('S25: it decides as the daemon does, through changes of policies and of accounts', async () => {
  const said = await askBoth(1)
  expect(new Set(said.daemon.map(({ decision }) => decision)).size).toBe(3)
  await expectSame(1)
  const [user] = users
  const steps: (() => Promise<unknown>)[] = [
    () =>
      put(api, '/policies/everybody', {
        token: family.root.access,
        body: drawPolicy(diceOf(2), 'everybody'),
      }),
    () => change('PATCH', `/accounts/${user?.id}`, { attributes: { tier: 'gold' } }),
    () => put(api, '/policies/own', { token: family.admin.access, body: drawPolicy(diceOf(3), 'own') }),
    () => change('POST', `/accounts/${family.client.id}/disable`),
    () => change('POST', `/accounts/${family.client.id}/enable`),
    () => change('DELETE', `/accounts/${user?.id}/policies/everybody`),
  ]
  for (const [index, step] of steps.entries()) {
    await step()
    await expectSame(10 + index)
  }
})

test('S25: cut off, it denies within its time; another daemon of the store goes on where the first was', async () => {
  await decider.load(...ids())
  const [, user] = users as [SignedIn, SignedIn]
  const asked = [user.id, 'orders:Fly', 'order/1'] as const
  await expect.poll(() => decider.decide(...asked).reason).toBe('unknown_action')
  proxy.swallow()
  await expect.poll(() => decider.decide(...asked).reason, { interval: 20 }).toBe('stale')
  await put(api, '/policies/everybody', {
    token: family.root.access,
    body: drawPolicy(diceOf(4), 'everybody'),
  })
  const second = await daemon.another()
  target = second.url
  proxy.refuse()
  await decider.ready({ timeoutMs: 10_000 })
  // Nothing was forgotten: the second daemon knew what had happened meanwhile.
  expect(decider.status().accounts).toBeGreaterThan(0)
  await expectSame(30)
})

test('S25: the daemon lists it, with what it has decided', async () => {
  const listed = async (): Promise<unknown> =>
    (await api.get('/policies/agents', family.admin.access)).body['items']
  const entry = { language: 1, denied: expect.any(Number), owner_id: family.admin.id }
  // A report that was sent into the cut is sent again with the next one, half a minute later.
  await expect.poll(listed, { interval: 50, timeout: 45_000 }).toEqual([expect.objectContaining(entry)])
})

test('S11: with its revocations a verifier refuses the tokens of an account that was disabled', async () => {
  const [, user] = users as [SignedIn, SignedIn]
  const verifier = createVerifier({
    issuer: ISSUER,
    revocations: decider.revocations,
    fetch: toTarget,
  })
  expect((await verifier.verify(user.access)).accountId).toBe(user.id)
  await change('POST', `/accounts/${user.id}/disable`)
  await expect
    .poll(
      () =>
        verifier.verify(user.access).then(
          () => '',
          ({ fault }: { fault: string }) => fault,
        ),
      { interval: 20 },
    )
    .toBe('ended')
})
