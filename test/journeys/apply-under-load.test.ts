import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bootstrap, PASSWORD, signedIn } from '../support/accounts.ts'
import { createApi, type Api } from '../support/api.ts'
import { allowing, ORDERS_SERVICE } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf } from '../support/policy-sets.ts'
import { type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { dropTestStore } from '../support/test-store.ts'

/** The bar is fifty applies under a thousand requests a second: `LOADED_APPLIES=50`. */
const APPLIES = Number(process.env['LOADED_APPLIES'] ?? 2)
/** Between two applies, so that requests meet each revision, and each change of one. */
const PAUSE_MS = 200
const PARTS = 10
const CLIENTS = 16
/** All clients together. */
const PER_SECOND = 1000

const directory = mkdtempSync(join(tmpdir(), 'authctl-loaded-'))
const dataDir = join(directory, 'data')
const settings = {
  AUTHCTL_DATA_DIR: dataDir,
  AUTHCTL_RATE_LIMITS: 'off',
  AUTHCTL_LOG_LEVEL: 'warn',
  AUTHCTL_RECORD_DECISIONS: '100',
  PUBLIC_URL: 'http://auth.test',
}

/** A set of many documents, each of which allows its part of one generation alone. */
const setOf = (generation: number) => {
  const names = Array.from({ length: PARTS }, (_, part) => `part-${part}`)
  const documents = names.map((name) => [
    `documents/${name}.json`,
    allowing(name, 'orders:Read', [`order/${name}/g${generation}`]),
  ])
  const attachments = attaching({ to: { role: 'admin' }, policies: names })
  const files = { 'services/orders.json': ORDERS_SERVICE, ...Object.fromEntries(documents) }
  return bodyOf('loaded', { ...files, 'attachments/a.json': attachments })
}

let daemons: RunningDaemon[]
let apis: Api[]
let root: string
let asker: string

beforeAll(async () => {
  const first = await startDaemon(settings)
  daemons = [first, await startDaemon(settings)]
  apis = daemons.map(({ url }) => createApi(url))
  const [api] = apis
  if (api === undefined) throw new Error('no daemon')
  root = (await bootstrap(api, dataDir)).access
  const created = { name: 'x', username: 'asker', password: PASSWORD }
  asker = signedIn(await api.post('/auth/admin/create', created, root)).access
})
afterAll(async () => {
  await Promise.all(daemons.map((daemon) => daemon.stop()))
  await dropTestStore(dataDir)
  rmSync(directory, { recursive: true, force: true })
})

interface Line {
  readonly verdict: string
  readonly action: string
  readonly resource: string
  readonly revisions: Readonly<Record<string, number>>
}

/** The decisions about orders that both daemons have recorded. */
const recorded = (): Line[] =>
  [`${dataDir}/decisions.jsonl.1`, `${dataDir}/decisions.jsonl`]
    .flatMap((path) => {
      try {
        return readFileSync(path, 'utf8').split('\n').slice(0, -1)
      } catch {
        return []
      }
    })
    .map((line) => JSON.parse(line) as Line)
    .filter(({ action }) => action === 'orders:Read')

test(
  `no decision is made by half a set: ${APPLIES} applies under load on two daemons, each decision asked again by the revision that it names`,
  { timeout: 60_000 + APPLIES * 5000 },
  async () => {
    let newest = 0
    const load = { isDone: false }
    let asked = 0
    let allowed = 0
    let undecided = 0
    const generations = new Map<number, number>()
    const apply = async (generation: number): Promise<void> => {
      const api = apis[generation % apis.length] as Api
      const { revision } = (await applySet(api, root, setOf(generation))) as unknown as {
        revision: { number: number }
      }
      generations.set(revision.number, generation)
      newest = generation
    }
    await apply(0)
    const began = performance.now()
    const client = async (index: number): Promise<void> => {
      const api = apis[index % apis.length] as Api
      for (let turn = 0; !load.isDone; turn++) {
        const early = (performance.now() - began) / 1000
        if (asked > early * PER_SECOND) await sleep(2)
        asked += 1
        const generation = newest + (turn % 2)
        const resource = `order/part-${(index + turn) % PARTS}/g${generation}`
        const answer = await api.post('/access/check', { action: 'orders:Read', resource }, asker)
        if (answer.status !== 200) throw new Error(answer.text)
        const { decision, reason } = answer.body as unknown as { decision: string; reason: string | null }
        if (decision === 'ALLOW') allowed += 1
        // The other daemon has not heard of the service yet: no policy is asked.
        if (reason !== null) undecided += 1
      }
    }
    const clients = Promise.all(Array.from({ length: CLIENTS }, (_, index) => client(index)))
    for (let generation = 1; generation <= APPLIES; generation++) {
      await sleep(PAUSE_MS)
      await apply(generation)
    }
    await sleep(PAUSE_MS)
    load.isDone = true
    await clients
    const rate = asked / ((performance.now() - began) / 1000)
    await expect.poll(() => recorded().length).toBe(asked - undecided)

    const lines = recorded()
    const wrong = lines.filter(({ verdict, resource, revisions }) => {
      const generation = generations.get(revisions['root'] ?? -1)
      const isOf = generation !== undefined && resource.endsWith(`/g${generation}`)
      return verdict !== (isOf ? 'ALLOW' : 'DENY_IMPLICIT')
    })
    expect(wrong).toEqual([])
    expect(lines.filter(({ verdict }) => verdict === 'ALLOW')).toHaveLength(allowed)
    const met = new Set(lines.map(({ revisions }) => revisions['root']))
    expect(met).toEqual(new Set(generations.keys()))
    process.stdout.write(
      `${APPLIES} applies: ${asked} requests at ${Math.round(rate)} a second, ${allowed} allowed, by ${met.size} revisions\n`,
    )
  },
)
