import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { createClient } from '../../sdk/index.ts'
import { createDecider, createKeySet, explain } from '../../sdk/local/index.ts'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { ORDERS_SERVICE, policyOf, put } from '../support/policy-calls.ts'
import { findMongod } from '../support/mongod.ts'
import { startReplicaSet } from '../support/replica-set.ts'
import { ISSUER, startScriptedDecisions } from '../support/scripted-decisions.ts'
import { startWorker } from './children.ts'
import { median } from './median.ts'
import { processorMs } from './processor-time.ts'

/*
 * Decisions in the process of an application: how many a second, beside asking the daemon for each; how long
 * a change of a policy takes until it decides in three processes, through a restart of their daemon and, with
 * `--mongodb`, a step-down; and what goes over the wire. `npm run bench:local -- --changes 100 --mongodb`.
 */

const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '60' },
    accounts: { type: 'string', default: '10000' },
    statements: { type: 'string', default: '1000' },
    mongodb: { type: 'boolean', default: false },
  },
})
const CHANGES = Number(values.changes)
const ACCOUNTS = Number(values.accounts)
const STATEMENTS = Number(values.statements)
const SLICE_MS = 500
const ROUNDS = 5
const PROCESSES = 3

const rateOf = (ask: (n: number) => void): number => {
  const rates = Array.from({ length: ROUNDS }, () => {
    for (let count = 256, n = 0; ; count *= 2) {
      const start = processorMs()
      for (let i = 0; i < count; i++) ask(n++)
      const ms = processorMs() - start
      if (ms >= SLICE_MS) return (count / ms) * 1000
    }
  })
  return Math.round(median(rates))
}

/** Decisions a second over many accounts and statements, each account with a directory of its own. */
const measureRates = async () => {
  const daemon = await startScriptedDecisions()
  const statements = Array.from({ length: STATEMENTS }, (_none, n) => ({
    Effect: n % 10 === 9 ? ('Deny' as const) : ('Allow' as const),
    Action: n % 10 === 9 ? 'orders:Write' : ['orders:Read', 'orders:List*'],
    Resource: [`order/\${principal.id}/p${n}/*`, `order/shared/p${n}/*`],
    ...(n % 3 === 0 ? { Condition: { NumericLessThan: { 'orders.total': 1000 } } } : {}),
  }))
  // A document has 256 statements at most.
  for (let n = 0; n * 250 < statements.length; n++)
    daemon.policies.set(`root/p${n}`, statements.slice(n * 250, (n + 1) * 250))
  const names = [...daemon.policies.keys()]
  const ids = Array.from({ length: ACCOUNTS }, (_none, n) => `usr_${n}`)
  for (const id of ids) daemon.put({ id, path: id, policies: names })
  daemon.policies.set('root/users', [])
  const decider = createDecider({
    client: createClient({ baseUrl: daemon.url, accessToken: 'opaque' }),
    issuer: ISSUER,
    keySet: createKeySet({ issuer: ISSUER, keys: daemon.keys }),
    maxAccounts: ACCOUNTS,
    // A bench that holds the thread hears nothing meanwhile.
    maxStalenessMs: 3_600_000,
  })
  await decider.ready()
  await decider.load(...ids)
  let allowed = 0
  const questionOf = (n: number) => {
    const id = ids[(n * 7919) % ids.length] ?? ''
    const place = n % 2 === 0 ? id : 'private'
    return [id, 'orders:Read', `order/${place}/p${n % STATEMENTS}/d`, { 'orders.total': n % 900 }] as const
  }
  const local = rateOf((n) => void (allowed += Number(decider.can(...questionOf(n)))))
  const explained = rateOf((n) => void explain(decider, ...questionOf(n)))
  await decider.close()
  await daemon.stop()
  if (allowed === 0) throw new Error('nothing was allowed: the bench asks the wrong questions')
  return { local, explained }
}

interface Home {
  readonly fleet: Fleet
  readonly token: string
  readonly rootToken: string
  readonly userId: string
}

const api = ({ fleet }: Home): Api => fleet.apis[1] as Api

const startHome = async (settings: Record<string, string>): Promise<Home> => {
  const fleet = await startFleet(2, { AUTHCTL_RATE_LIMITS: 'off', ...settings })
  const [first] = fleet.apis as [Api]
  const root = await bootstrap(first, fleet.dataDir)
  const person = { name: 'Asha', username: 'asha', password: PASSWORD, number: '+919876500001' }
  const admin = signedIn(await first.post('/auth/admin/create', person, root.access))
  const client = signedIn(
    await first.post(
      '/auth/client/create',
      { ...person, username: 'chetan', number: '+919876500002' },
      admin.access,
    ),
  )
  await put(first, '/services/orders', { token: root.access, body: ORDERS_SERVICE })
  await put(first, '/policies/everybody', { token: root.access, body: policyFor(true) })
  for (const { id } of [admin, client])
    await first.post(`/accounts/${id}/policies/everybody`, {}, root.access)
  return { fleet, token: admin.access, rootToken: root.access, userId: client.id }
}

const policyFor = (isAllowed: boolean) =>
  policyOf('everybody', { Effect: isAllowed ? 'Allow' : 'Deny', Action: 'orders:*', Resource: 'order/*' })

const startWorkers = (home: Home) =>
  Promise.all(
    Array.from({ length: PROCESSES }, () =>
      startWorker<{ expected: boolean }, { at: number }>('./local-worker.ts', [
        JSON.stringify({
          urls: home.fleet.daemons.map(({ url }) => url),
          issuer: 'http://auth.example.test',
          token: home.token,
          principal: home.userId,
        }),
      ]),
    ),
  )

const quantile = (figures: readonly number[], share: number): number =>
  figures.toSorted((a, b) => a - b)[Math.min(figures.length - 1, Math.floor(figures.length * share))] ?? NaN

/** From the answer to `policies put` to the decision, in milliseconds, in each process. */
const measureEffect = async (home: Home, disturb: (change: number) => Promise<void>): Promise<number[]> => {
  const workers = await startWorkers(home)
  const delays: number[] = []
  for (let change = 0; change < CHANGES; change++) {
    await disturb(change)
    const expected = change % 2 === 1
    const effects = workers.map((worker) => worker.ask({ expected }))
    const body = policyFor(expected)
    let status: number
    do ({ status } = await put(api(home), '/policies/everybody', { token: home.rootToken, body }))
    while (status >= 500)
    const putAt = Date.now()
    for (const effect of effects) delays.push(Math.max(0, (await effect).at - putAt))
  }
  for (const worker of workers) worker.stop()
  await Promise.all(workers.map(({ ended }) => ended))
  return delays
}

const summaryOf = (delays: readonly number[]) => ({
  changes: delays.length,
  p50: quantile(delays, 0.5),
  p99: quantile(delays, 0.99),
  longest: quantile(delays, 1),
})

/** What goes over the wire for a hundred policies of ten statements, and for one that changed. */
const measureBytes = async (home: Home) => {
  const { token, rootToken } = home
  for (let n = 0; n < 100; n++) {
    const statements = Array.from({ length: 10 }, (_none, i) => ({
      Effect: 'Allow',
      Action: 'orders:Read',
      Resource: `order/p${n}/${i}/*`,
    }))
    await put(api(home), `/policies/p${n}`, { token: rootToken, body: policyOf(`p${n}`, ...statements) })
  }
  const load = async (query: string) =>
    (await api(home).get(`/policies/snapshot?services=orders${query}`, token)).text
  const whole = await load('')
  const { revision } = JSON.parse(whole) as { revision: string }
  await put(api(home), '/policies/p0', {
    token: rootToken,
    body: policyOf('p0', { Effect: 'Allow', Action: 'orders:Read', Resource: 'order/p0/*' }),
  })
  const delta = await load(`&since=${revision}`)
  return {
    'whole, bytes': whole.length,
    'whole, gzip': gzipSync(whole).length,
    'difference, bytes': delta.length,
    'difference, gzip': gzipSync(delta).length,
  }
}

/** Decisions a second by asking the daemon for each, one after the other and 32 at a time. */
const measureAsking = async ({ fleet, token, userId }: Home) => {
  const client = createClient({ baseUrl: fleet.daemons[1]?.url ?? '', accessToken: token })
  const question = { principal: userId, action: 'orders:Read', resource: 'order/1' }
  const during = async (lanes: number): Promise<number> => {
    const end = performance.now() + 2000
    let count = 0
    const lane = async (): Promise<void> => {
      for (; performance.now() < end; count++) await client.access.check(question)
    }
    await Promise.all(Array.from({ length: lanes }, lane))
    return Math.round(count / 2)
  }
  return { one: await during(1), many: await during(32) }
}

const rates = await measureRates()
const home = await startHome({})
const asking = await measureAsking(home)
const quiet = await measureEffect(home, () => Promise.resolve())
// The first daemon is the one that the processes follow.
const restarts = await measureEffect(home, async (change) => {
  if (change === Math.floor(CHANGES / 2)) await home.fleet.restart(0)
})
const bytes = await measureBytes(home)
await home.fleet.stop()

const measureStepDown = async () => {
  process.env['TEST_MONGOD'] ??= await findMongod()
  const set = await startReplicaSet()
  const shared = await startHome({ MONGO_DB_URI: set.uri })
  const delays = await measureEffect(shared, async (change) => {
    if (change === Math.floor(CHANGES / 2)) await set.stepDown()
  })
  await shared.fleet.stop()
  await set.stop()
  return summaryOf(delays)
}
const stepDown = values.mongodb ? await measureStepDown() : undefined

const results = {
  rates: {
    ...rates,
    'by /access/check, one at a time': asking.one,
    'by /access/check, 32 at a time': asking.many,
  },
  'from policies put to effect, ms': {
    quiet: summaryOf(quiet),
    'a daemon killed': summaryOf(restarts),
    ...(stepDown === undefined ? {} : { 'a MongoDB step-down': stepDown }),
  },
  bytes,
}
console.table(results.rates)
console.table(results['from policies put to effect, ms'])
console.table(results.bytes)
mkdirSync('bench-results', { recursive: true })
writeFileSync('bench-results/local.json', `${JSON.stringify(results, null, 2)}\n`)
