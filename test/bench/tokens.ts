import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import { createApi, FORM } from '../support/api.ts'
import { createApplication } from '../support/applications.ts'
import { cpuSecondsOf, startDaemon, startWorker, type Worker } from './children.ts'
import type { Outcome, Plan } from './load.ts'
import { median } from './median.ts'

/**
 * Tokens of applications by `client_credentials`: the built daemon on SQLite, which reads the application and
 * its owner each time, beside oidc-provider: as it comes, with the client in memory, and with the client in
 * SQLite, read each time as well. In turn, in one run, and each with warm code. What counts are the ratios,
 * taken within a round; those by processor time leave out what the load generator takes of the same cores,
 * and what else the machine does.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    warm: { type: 'string', default: '10000' },
  },
})
const [seconds, rounds, warm] = [Number(values.seconds), Number(values.rounds), Number(values.warm)]
const CONNECTIONS = 32
const MICROSECONDS = 1e6
const AIM = 2.5

interface Side {
  readonly name: string
  readonly url: string
  readonly path: string
  readonly body: string
  readonly pid: number | undefined
  readonly runs: Figures[]
}

interface Figures {
  readonly requests: number
  readonly rate: number
  /** Microseconds of processor time for a token. */
  readonly cpuUs: number
}

const bodyOf = (client_id: string, client_secret: string): string =>
  new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret }).toString()

const directory = mkdtempSync(join(tmpdir(), 'authctl-bench-peer-'))
process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
const daemon = await startDaemon()
const api = createApi(daemon.url)
const root = await bootstrap(api, daemon.dataDir)
const asha = { name: 'Asha', username: 'asha', password: PASSWORD }
const admin = signedIn(await api.post('/auth/admin/create', asha, root.access))
const application = await createApplication(api, admin.access)
const peer = await startWorker('token-peer.ts', ['bench', application.key])
const reader = await startWorker('token-peer.ts', ['bench', application.key, directory])
const load = await startWorker<Plan, Outcome>('load.ts')

const peerSide = (name: string, { greeting, pid }: Worker<object, unknown>): Side => ({
  name,
  url: (greeting as { url: string }).url,
  path: '/token',
  body: bodyOf('bench', application.key),
  pid,
  runs: [],
})
const own: Side = {
  name: 'authctl',
  url: daemon.url,
  path: '/oauth/token',
  body: bodyOf(application.id, application.key),
  pid: daemon.pid,
  runs: [],
}
const peers = [peerSide('oidc-provider', peer), peerSide('oidc-provider, client in SQLite', reader)]
const sides = [own, ...peers]

const measure = async ({ name, url, path, body, pid }: Side): Promise<Figures> => {
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
  const { requests, rate, failed, statuses } = outcome
  if (failed > 0 || requests === 0 || statuses['200'] !== requests)
    throw new Error(`${name}: ${JSON.stringify(statuses)}, ${failed} failed`)
  return { requests, rate, cpuUs: ((cpuSecondsOf(pid) - before) * MICROSECONDS) / requests }
}

for (const side of sides) for (let sent = 0; sent < warm;) sent += (await measure(side)).requests
for (let round = 0; round < rounds; round++) for (const side of sides) side.runs.push(await measure(side))
load.stop()
peer.stop()
reader.stop()
await daemon.stop()

for (const { name, runs } of sides) {
  const rate = median(runs.map((each) => each.rate)).toFixed(0)
  const cpuUs = median(runs.map((each) => each.cpuUs)).toFixed(0)
  process.stdout.write(
    `${name.padEnd(32)} ${rate.padStart(6)} tokens/s, ${cpuUs.padStart(5)} µs of processor time each\n`,
  )
}
/** The median over the rounds of what a round has of the daemon and of the peer. */
const ratio = ({ runs }: Side, share: (mine: Figures, theirs: Figures) => number): number =>
  median(
    own.runs.flatMap((mine, round) => {
      const theirs = runs[round]
      return theirs === undefined ? [] : [share(mine, theirs)]
    }),
  )
for (const side of peers) {
  const byRate = ratio(side, (mine, theirs) => mine.rate / theirs.rate)
  const byCpu = ratio(side, (mine, theirs) => theirs.cpuUs / mine.cpuUs)
  const aim = side === peers[0] ? ` (aim ${AIM} × the rate): ${byRate >= AIM ? 'reached' : 'missed'}` : ''
  process.stdout.write(
    `beside ${side.name}: ${byRate.toFixed(2)} × the rate, ${byCpu.toFixed(2)} × by processor time${aim}\n`,
  )
}
