import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { bootstrap, signedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'
import { startFleet } from '../support/fleet.ts'
import { freshDatabase } from '../support/mongo.ts'
import { numberOf } from '../support/outbox.ts'
import { untilWell } from '../support/recovery.ts'
import { startReplicaSet } from '../support/replica-set.ts'

/** The election timeout of the test's set, and what its election takes. */
const MAX_ELECTION_MS = 8000

test(
  'K5: kill -9 of the primary under load: only 503 until another is elected, and nothing acknowledged is lost',
  { timeout: 120_000 },
  async () => {
    const set = await startReplicaSet()
    const fleet = await startFleet(2, { MONGO_DB_URI: freshDatabase(set.uri), AUTHCTL_RATE_LIMITS: 'off' })
    onTestFinished(async () => {
      await fleet.stop()
      await set.stop()
    }, 60_000)
    const [first, second] = fleet.apis as [Api, Api]
    const root = await bootstrap(first, fleet.dataDir)
    const acknowledged: string[] = []
    const statuses = new Map<number, number>()
    const load = { isRunning: true }
    const worker = async (api: Api, base: number): Promise<void> => {
      for (let n = 0; load.isRunning; n++) {
        const body = { name: 'A', number: numberOf(base + n), issue_token: false }
        const answer = await api.post('/auth/admin/create', body, root.access)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
        if (answer.status === 201)
          acknowledged.push((answer.body as unknown as { account: { id: string } }).account.id)
        else await sleep(50)
      }
    }
    const workers = [first, second, first, second].map((api, index) => worker(api, index * 100_000))
    await sleep(1500)
    await set.killPrimary()
    const before = acknowledged.length
    const outage = await untilWell(() => Promise.resolve(acknowledged.length > before + 10), 30_000)
    await sleep(1000)
    load.isRunning = false
    await Promise.all(workers)
    console.info(
      `${acknowledged.length} acknowledged, statuses ${JSON.stringify([...statuses])}, outage ${Math.round(outage)} ms`,
    )
    expect([...statuses.keys()].filter((status) => status !== 201 && status !== 503)).toEqual([])
    expect(outage).toBeLessThan(MAX_ELECTION_MS)
    for (const id of acknowledged) expect((await second.get(`/accounts/${id}`, root.access)).status).toBe(200)
    expect(
      signedIn(
        await first.post('/auth/superadmin/login', {
          username: 'root',
          password: 'correct horse battery staple',
        }),
      ).id,
    ).toBe(root.id)
  },
)
