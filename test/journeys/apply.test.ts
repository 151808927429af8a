import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bootstrap, createRenewal } from '../support/accounts.ts'
import { createApi, refusal, type Api } from '../support/api.ts'
import { allowing, ORDERS_SERVICE } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planSet } from '../support/policy-sets.ts'
import { type RunningDaemon, startDaemon } from '../support/running-daemon.ts'
import { dropTestStore } from '../support/test-store.ts'

/** The bar is two hundred kills of an apply of 500 documents: `APPLY_KILLS=200`. */
const KILLS = Number(process.env['APPLY_KILLS'] ?? 3)
const DOCUMENTS = KILLS < 100 ? 100 : 500
/** The bar is a hundred: `APPLY_RACES=100`. */
const RACES = Number(process.env['APPLY_RACES'] ?? 5)

const directory = mkdtempSync(join(tmpdir(), 'authctl-apply-'))
const dataDir = join(directory, 'data')
const settings = {
  AUTHCTL_DATA_DIR: dataDir,
  AUTHCTL_RATE_LIMITS: 'off',
  AUTHCTL_LOG_LEVEL: 'warn',
  PUBLIC_URL: 'http://auth.test',
}

/** A set of many documents that says something else in each generation. */
const setOf = (generation: number) => {
  const names = Array.from({ length: DOCUMENTS }, (_, index) => `part-${index}`)
  const documents = names.map((name) => [
    `documents/${name}.json`,
    allowing(name, 'orders:Read', [`order/g${generation}/${name}/*`]),
  ])
  const attachments = attaching({ to: { role: 'sub-client' }, policies: [`part-${generation % DOCUMENTS}`] })
  const files = { 'services/orders.json': ORDERS_SERVICE, ...Object.fromEntries(documents) }
  return bodyOf('acme', { ...files, 'attachments/a.json': attachments })
}

let daemon: RunningDaemon
let api: Api
let token: string
const renewed = createRenewal()

beforeAll(async () => {
  daemon = await startDaemon(settings)
  api = createApi(daemon.url)
  token = (await bootstrap(api, dataDir)).access
  await applySet(api, token, setOf(0))
})
afterAll(async () => {
  await daemon.stop()
  await dropTestStore(dataDir)
  rmSync(directory, { recursive: true, force: true })
})

/** Which of the two sets is in force, wholly. */
const inForce = async (before: number, after: number): Promise<number | undefined> => {
  for (const generation of [before, after])
    if (changesOf(await planSet(api, token, setOf(generation))).length === 0) return generation
  return undefined
}

test(
  `kill -9 at ${KILLS} instants of an apply of ${DOCUMENTS} documents: all of it is in force, or nothing`,
  { timeout: 60_000 + KILLS * 20_000 },
  async () => {
    const began = performance.now()
    await applySet(api, token, setOf(1))
    const tookMs = performance.now() - began
    let isNew = 0
    for (let kill = 1, present = 1; kill <= KILLS; kill++) {
      const next = present + 1
      const applying = api.post('/policies/apply', setOf(next), token).catch(() => undefined)
      await sleep(Math.random() * tookMs * 1.1)
      daemon.kill('SIGKILL')
      const [answer] = await Promise.all([applying, daemon.stop()])
      daemon = await startDaemon(settings)
      api = createApi(daemon.url)
      token = await renewed(api)
      const found = await inForce(present, next)
      expect(found, 'half of a set is in force').toBeDefined()
      if (answer?.status === 200) expect(found, 'an apply that was answered is lost').toBe(next)
      if (found === next) isNew++
      else await applySet(api, token, setOf(next))
      expect(await applySet(api, token, setOf(next))).toMatchObject({ detail: 'No changes', applied: false })
      present = next
    }
    process.stdout.write(
      `${KILLS} kills of an apply of ${Math.round(tookMs)} ms: ${isNew} times it was in force\n`,
    )
  },
)

test(
  `two operators on two daemons from one base, ${RACES} times: one wins, nothing of the other is there`,
  { timeout: 60_000 + RACES * 10_000 },
  async () => {
    const other = await startDaemon(settings)
    onTestFinished(async () => void (await other.stop()))
    const apis = [api, createApi(other.url)] as const
    const files = (name: string, round: number) => ({
      [`documents/${name}.json`]: allowing(name, 'orders:Read', `order/round${round}/*`),
    })
    for (let round = 0; round < RACES; round++) {
      token = await renewed(api)
      const names = [`left-${round}`, `right-${round}`] as const
      const bodies = names.map((name) => bodyOf(name, files(name, round)))
      const plans = await Promise.all(bodies.map((body) => planSet(api, token, body)))
      const answers = await Promise.all(
        bodies.map((body, side) =>
          (apis[side] ?? api).post('/policies/apply', { ...body, plan: plans[side] }, token),
        ),
      )
      const winner = answers.findIndex(({ status }) => status === 200)
      expect(answers.filter((_, side) => side !== winner).map(refusal)).toEqual(['409 plan_stale'])
      const present = await Promise.all(names.map((name) => api.get(`/policies/${name}`, token)))
      expect(present.map(({ status }) => status)).toEqual(winner === 0 ? [200, 404] : [404, 200])
    }
  },
)
