import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Account, Attributes } from '../../daemon/domain/account.ts'
import { accountOf } from '../support/population.ts'
import { bootstrap, PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'
import { attaching, bodyOf } from '../support/policy-sets.ts'
import { openTestStore } from '../support/test-store.ts'
import { processorMs } from './processor-time.ts'

/*
 * Plans and the ceiling at size: how long they take, and for how long at a time they hold the process, so
 * that nobody else is served. Times of the processor beside those of the clock: on a machine that does
 * something else only the first say something. `npm run bench:plans -- --documents 1000 --accounts 10000`;
 * `TEST_MONGO_URI` names a MongoDB.
 */

const { values } = parseArgs({
  options: {
    documents: { type: 'string', default: '1000' },
    accounts: { type: 'string', default: '10000,100000' },
  },
})
const DOCUMENTS = Number(values.documents)
const TEAMS = 400

/** No request waits for longer. */
const MOST_HELD_MS = 10

/**
 * For how long the process was held at once, at most, in milliseconds of the processor, and how often for
 * more than ten.
 */
const watchLoop = (): (() => { longest: number; long: number }) => {
  let [longest, long, last, isWatching] = [0, 0, processorMs(), true]
  const turn = (): void => {
    const now = processorMs()
    longest = Math.max(longest, now - last)
    if (now - last > MOST_HELD_MS) long += 1
    last = now
    if (isWatching) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    isWatching = false
    return { longest, long }
  }
}

/** Asks from another thread, so that what is held here is held by the daemon alone. */
const asker = new Worker(
  `const { parentPort } = require('node:worker_threads')
  parentPort.on('message', async ({ url, method, token, headers, body }) => {
    const answer = await fetch(url, { method, body, headers: {
      authorization: 'Bearer ' + token, 'content-type': 'application/json', ...headers } })
    parentPort.postMessage({ status: answer.status, text: await answer.text() })
  })`,
  { eval: true },
)

interface Asked {
  readonly token: string
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

const measured = async (
  what: string,
  asked: Asked,
  expected: number,
): Promise<Readonly<Record<string, unknown>>> => {
  const message = { ...asked, url: daemon.url + asked.path, body: JSON.stringify(asked.body) }
  const stop = watchLoop()
  const [begun, before] = [performance.now(), process.cpuUsage()]
  asker.postMessage(message, [])
  const [answer] = (await once(asker, 'message')) as [{ status: number; text: string }]
  const { user, system } = process.cpuUsage(before)
  const { longest, long } = stop()
  const times = [performance.now() - begun, (user + system) / 1000].map((ms) => `${(ms / 1000).toFixed(2)} s`)
  const [clock = '', processor = ''] = times
  const held = `${longest.toFixed(1).padStart(9)} ms ${String(long).padStart(5)}`
  console.log(`${what.padEnd(64)} ${clock.padStart(9)} ${processor.padStart(9)} ${held}`)
  if (answer.status !== expected) throw new Error(answer.text.slice(0, 2000))
  return JSON.parse(answer.text) as Readonly<Record<string, unknown>>
}

const document = (n: number, most: number): object =>
  policyOf(
    `p${n}`,
    {
      Sid: 'Read',
      Effect: 'Allow',
      Action: ['orders:Read'],
      Resource: [`order/p${n}/*`, 'order/${principal.path}/*'],
      Condition: { NumericLessThan: { 'orders.total': most } },
    },
    { Sid: 'Write', Effect: 'Allow', Action: 'orders:Write', Resource: `order/p${n}/open/*` },
    { Sid: 'Never', Effect: 'Deny', Action: 'orders:*', Resource: `order/p${n}/locked/*` },
  )

/** A set of documents, each attached to a team; `most`: a number that all or some of them have. */
const setOf = (most: (n: number) => number): Readonly<Record<string, unknown>> => {
  const names = Array.from({ length: DOCUMENTS }, (_value, n) => `p${n}`)
  const lines = Array.from({ length: Math.min(TEAMS, DOCUMENTS) }, (_value, team) => ({
    to: { role: team % 2 === 0 ? 'client' : 'sub-client', attributes: { team } },
    policies: names.filter((_name, n) => n % TEAMS === team),
  }))
  return Object.fromEntries([
    ...names.map((name, n) => [`documents/${name}.json`, document(n, most(n))]),
    ...[0, 1, 2, 3].map((part) => [
      `attachments/teams-${part}.json`,
      attaching(...lines.filter((_line, n) => n % 4 === part)),
    ]),
  ]) as Readonly<Record<string, unknown>>
}

const populate = async (daemon: TestDaemon, from: number, to: number): Promise<void> => {
  const store = await openTestStore(daemon.dataDir)
  for (let start = from; start < to; start += 2000)
    await Promise.all(
      Array.from({ length: Math.min(2000, to - start) }, (_value, i) => {
        const account: Account = accountOf(start + i, '$argon2id$none')
        const attributes: Attributes = { team: (start + i) % TEAMS }
        return store.accounts.insert({ ...account, status: 'active', attributes })
      }),
    )
  await store.close()
}

/** A super-admin that may do everything but one thing: whatever it changes is judged. */
const narrow = async ({ api }: TestDaemon, root: SignedIn): Promise<SignedIn> => {
  const who = signedIn(
    await api.post(
      '/auth/superadmin/create',
      { name: 'n', username: 'narrowed', password: PASSWORD },
      root.access,
    ),
  )
  const held = policyOf('held', { Effect: 'Deny', Action: 'orders:Write', Resource: 'order/vault/*' })
  await put(api, '/policies/held', { token: root.access, body: held })
  const { status, text } = await api.post(`/accounts/${who.id}/policies/held`, {}, root.access)
  if (status !== 200) throw new Error(text)
  return who
}

const daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' })
const { api } = daemon
const root = await bootstrap(api, daemon.dataDir)
await put(api, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
const narrowed = await narrow(daemon, root)
const wide = (id: string, Action: string, Resource = 'order/free/*') =>
  policyOf(id, { Effect: 'Allow', Action, Resource })
await put(api, '/policies/staff', { token: root.access, body: wide('staff', 'orders:Read') })
const present = (await api.get('/attachments', root.access)).body['attachments'] as unknown as object[]
await put(api, '/attachments', {
  token: root.access,
  body: {
    attachments: [
      ...present,
      ...['client', 'sub-client', 'user'].map((role) => ({ to: { role }, policies: ['staff'] })),
    ],
  },
})

console.log(
  `${''.padEnd(64)} ${'clock'.padStart(9)} ${'processor'.padStart(9)} ${'held'.padStart(12)} > ${MOST_HELD_MS} ms`,
)
let from = 0
for (const to of values.accounts.split(',').map(Number)) {
  await populate(daemon, from, to)
  from = to
  const of = `${DOCUMENTS} documents, ${to} accounts`
  const sent = (
    path: string,
    who: SignedIn,
    files: Readonly<Record<string, unknown>>,
    options = {},
  ): Asked => ({
    method: 'POST',
    path,
    token: who.access,
    body: bodyOf('bench', files, options),
  })
  const plan = (most: (n: number) => number, who = root) => sent('/policies/plan', who, setOf(most))
  await measured(
    `plan: all new; ${of}`,
    plan(() => 10),
    200,
  )
  await measured(
    `plan: all new, by one who is judged; ${of}`,
    plan(() => 10, narrowed),
    200,
  )
  await measured(
    `apply: all new; ${of}`,
    sent(
      '/policies/apply',
      root,
      setOf(() => 10),
    ),
    200,
  )
  await measured(
    `plan: nothing changes; ${of}`,
    plan(() => 10),
    200,
  )
  await measured(
    `plan: ten change; ${of}`,
    plan((n) => (n % 100 === 0 ? 11 : 10)),
    200,
  )
  const changing = await measured(
    `plan: all change; ${of}`,
    plan(() => 11),
    200,
  )
  await measured(
    `plan: all change, by one who is judged; ${of}`,
    plan(() => 11, narrowed),
    200,
  )
  const eleven = setOf(() => 11)
  const applying = sent('/policies/apply', root, eleven, { plan: changing })
  await measured(`apply: all change, by its plan; ${of}`, applying, 200)
  const { base } = changing as { base: { number: number } }
  const back = { ...applying, path: '/policies/rollback', body: { revision: String(base.number) } }
  await measured(`rollback: all change; ${of}`, back, 200)
  await measured(`plan: all go; ${of}`, sent('/policies/plan', root, {}, { prune: true }), 200)
  const edited = async (action: string, resource?: string): Promise<Asked> => {
    const { headers } = await api.get('/policies/staff', root.access)
    return {
      method: 'PUT',
      path: '/policies/staff',
      token: narrowed.access,
      body: wide('staff', action, resource),
      headers: { 'if-match': String(headers['etag']) },
    }
  }
  await measured(
    `judge: everybody gets more of a policy; ${to} accounts`,
    await edited('orders:*', 'order/*'),
    403,
  )
  await measured(`judge: everybody gets another right; ${to} accounts`, await edited('orders:Write'), 200)
  await measured(`judge: everybody gets it back; ${to} accounts`, await edited('orders:Read'), 200)
  const emptied = await api.post('/policies/apply', bodyOf('bench', {}, { prune: true }), root.access)
  if (emptied.status !== 200) throw new Error(emptied.text)
}
await asker.terminate()
await daemon.stop()
