import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { MongoMemoryServer } from 'mongodb-memory-server'
import { bootstrap, signedIn } from '../support/accounts.ts'
import { createApi } from '../support/api.ts'
import { memoryDirectory } from '../support/memory-directory.ts'
import { findMongod } from '../support/mongod.ts'
import { NEEDS_REPLICAS } from '../support/mongo.ts'
import { Outbox } from '../support/outbox.ts'
import { startDaemon } from '../support/running-daemon.ts'
import { fuzz, type Progress } from './run.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: process.env['FUZZ_REQUESTS'] ?? '1000000' },
    store: { type: 'string', default: 'sqlite' },
    seed: { type: 'string', default: process.env['FUZZ_SEED'] ?? String(Date.now() % 1_000_000) },
    /** Flags of Node for the daemon, such as `--max-old-space-size=256`. */
    node: { type: 'string', default: '' },
  },
})
const requests = Number(values.requests)
const seed = Number(values.seed)
if (!(requests > 0 && Number.isInteger(seed))) throw new Error('--requests and --seed must be whole numbers')

const PROGRESS_MS = 10_000
/** What the daemon logged is shown if anything was found: it names the cause. */
const MOST_LOG_LINES = 40
const say = (text: string): void => void process.stderr.write(`${text}\n`)
const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024)

// Commits that wait for a busy disk would say more of that than of the daemon.
process.env['TMPDIR'] ??= memoryDirectory() ?? tmpdir()

const startMongo = async (): Promise<MongoMemoryServer> => {
  const mongo = await MongoMemoryServer.create({
    binary: { systemBinary: await findMongod() },
    instance: { storageEngine: 'wiredTiger' },
  })
  process.env['TEST_MONGO_URI'] = mongo.getUri()
  return mongo
}
const mongo = values.store === 'mongodb' ? await startMongo() : undefined
const daemon = await startDaemon({
  AUTHCTL_RATE_LIMITS: 'off',
  AUTHCTL_LOG_LEVEL: 'warn',
  AUTHCTL_METRICS: 'true',
  NODE_OPTIONS: values.node,
})
// What is stopped takes along what it has started.
const stop = async (): Promise<void> => {
  await daemon.stop()
  await mongo?.stop()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stop().finally(() => process.exit(1)))
let saidAt = 0
const tell = ({ sent, seconds, statuses, findings }: Progress): void => {
  if (sent < requests && performance.now() - saidAt < PROGRESS_MS) return
  saidAt = performance.now()
  const rate = Math.round(sent / seconds)
  say(
    `${sent} requests, ${rate}/s, ${residentMb(daemon.pid)} MB, ${findings} findings, ${JSON.stringify(statuses)}`,
  )
}
say(`fuzz: ${requests} requests, seed ${seed}, ${values.store}`)
try {
  const api = createApi(daemon.url)
  const { id } = await bootstrap(api, daemon.dataDir)
  const outbox = new Outbox(daemon.dataDir)
  const { found, coverage } = await fuzz({
    url: daemon.url,
    requests,
    seed,
    without: mongo === undefined ? [] : NEEDS_REPLICAS,
    root: { username: 'root', id },
    signInUser: async (number) => {
      await api.post('/auth/otp/send', { number })
      return signedIn(await api.post('/auth/user/login', { number, otp: await outbox.awaitCode(number) }))
    },
    codeOf: (number) => outbox.codeOf(number),
    onProgress: tell,
    onFinding: ({ what, actor, request, answer }) =>
      say(`\n${what} (as ${actor})\n${request}\n→ ${answer}\n`),
  })
  for (const { what, times } of found) say(`${what}: ${times} times`)
  if (found.length > 0) say(daemon.output().split('\n').slice(0, MOST_LOG_LINES).join('\n'))
  const neverDone = coverage.neverDone()
  say(`\n${coverage.table()}\n`)
  say(`never done with success: ${neverDone.join(', ') || 'none'}`)
  say(found.length === 0 ? 'fuzz: nothing undocumented' : `fuzz: ${found.length} kinds of wrong answers`)
  process.exitCode = found.length === 0 && neverDone.length === 0 ? 0 : 1
} finally {
  await stop()
}
