import { parseArgs } from 'node:util'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import { createApi, FORM } from '../support/api.ts'
import { createApplication } from '../support/applications.ts'
import { cpuSecondsOf, startDaemon, startWorker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { median } from './median.ts'

/**
 * Tokens of applications by `client_credentials`: the built daemon on SQLite, which reads the application and
 * its owner each time, beside oidc-provider, which keeps everything in memory; in turn, in one run. What
 * counts are the ratios, taken within a round.
 */
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '2' }, rounds: { type: 'string', default: '5' } },
})
const [seconds, rounds] = [Number(values.seconds), Number(values.rounds)]
const CONNECTIONS = 32
const MICROSECONDS = 1e6
const AIM = 2.5

interface Side {
  readonly name: string
  readonly url: string
  readonly path: string
  readonly body: string
  readonly pid: number | undefined
}

const bodyOf = (client_id: string, client_secret: string): string =>
  new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString()

const daemon = await startDaemon()
const api = createApi(daemon.url)
const root = await bootstrap(api, daemon.dataDir)
const asha = { name: 'Asha', username: 'asha', password: PASSWORD }
const admin = signedIn(await api.post('/auth/admin/create', asha, root.access))
const application = await createApplication(api, admin.access)
const peer = await startWorker('token-peer.ts', ['bench', application.key])
const load = await startWorker<Plan, Outcome>('load.ts')
const sides: readonly Side[] = [
  {
    name: 'authctl',
    url: daemon.url,
    path: '/oauth/token',
    body: bodyOf(application.id, application.key),
    pid: daemon.pid,
  },
  {
    name: 'oidc-provider',
    url: (peer.greeting as { url: string }).url,
    path: '/token',
    body: bodyOf('bench', application.key),
    pid: peer.pid,
  },
]

/** Tokens a second, and microseconds of processor time for each. */
const measure = async ({ name, url, path, body, pid }: Side): Promise<{ rate: number; cpuUs: number }> => {
  const before = cpuSecondsOf(pid)
  const outcome = await load.ask({
    urls: [url],
    connections: CONNECTIONS,
    seconds,
    method: 'POST',
    path,
    contentType: FORM,
    bodies: { kind: 'repeat', body },
  })
  const isClean = outcome.failed === 0 && outcome.statuses['200'] === outcome.requests
  if (!isClean || outcome.requests === 0)
    throw new Error(`${name}: ${JSON.stringify(outcome.statuses)}, ${outcome.failed} failed`)
  const cpuUs = ((cpuSecondsOf(pid) - before) * MICROSECONDS) / outcome.requests
  return { rate: outcome.rate, cpuUs }
}

const measured = new Map<string, { rate: number; cpuUs: number }[]>(sides.map(({ name }) => [name, []]))
for (const side of sides) await measure(side)
for (let round = 0; round < rounds; round++)
  for (const side of sides) measured.get(side.name)?.push(await measure(side))
load.stop()
peer.stop()
await daemon.stop()

const [own = [], theirs = []] = sides.map(({ name }) => measured.get(name))
const ratio = (share: (mine: (typeof own)[number], other: (typeof own)[number]) => number): number =>
  median(own.flatMap((mine, n) => (theirs[n] === undefined ? [] : [share(mine, theirs[n])])))
for (const [name, runs] of measured)
  process.stdout.write(
    `${name.padEnd(14)} ${median(runs.map(({ rate }) => rate))
      .toFixed(0)
      .padStart(7)} tokens/s, ${median(runs.map(({ cpuUs }) => cpuUs))
      .toFixed(0)
      .padStart(5)} µs of processor time each\n`,
  )
const byRate = ratio((mine, other) => mine.rate / other.rate)
const byCpu = ratio((mine, other) => other.cpuUs / mine.cpuUs)
process.stdout.write(
  `${byRate.toFixed(1)} × the rate, ${byCpu.toFixed(1)} × by processor time (aim ${AIM} × the rate): ${byRate >= AIM ? 'reached' : 'missed'}\n`,
)
