import { beforeAll, expect, test } from 'vitest'
import { type Api } from '../support/api.ts'
import { createRenewal, PASSWORD, signedIn, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import { ORDERS_SERVICE, put } from '../support/policy-calls.ts'
import { applySet, attaching, bodyOf, changesOf, planOf, planSet } from '../support/policy-sets.ts'

/** The bar is ten thousand: `PLAN_PAIRS=10000`. */
const PAIRS = Number(process.env['PLAN_PAIRS'] ?? 8)
const SEED = Number(process.env['PLAN_SEED'] ?? 20_261_126)

let api: Api
let family: Family
useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))
beforeAll(() => put(api, '/services/orders', { token: family.root.access, body: ORDERS_SERVICE }))

/** Numbers from 0 to below 1 that a seed repeats. */
const createDraw = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const draw = createDraw(SEED)
const among = <T>(...values: readonly [T, ...T[]]): T =>
  values[Math.floor(draw() * values.length)] ?? values[0]
const often = (): boolean => draw() < 0.7

const statement = (sid: string) => ({
  Sid: sid,
  Effect: among('Allow', 'Allow', 'Deny'),
  Action: among<string | string[]>('orders:Read', ['orders:Write', 'orders:Read'], 'orders:*', [
    'orders:Read',
  ]),
  Resource: among<string | string[]>('order/*', ['order/1/*', 'order/2/*'], ['order/${principal.path}/*']),
  ...(often() ? {} : { Condition: { NumericLessThan: { 'orders.total': among<unknown>(5, '5', [5, 9]) } } }),
})

/** A set of up to four documents, each attached to somebody or to nobody. */
const randomSet = (): Readonly<Record<string, unknown>> => {
  const names = ['a', 'b', 'c', 'd'].filter(often)
  const documents = names.map((name) => [
    `documents/${name}.json`,
    {
      Version: 'authctl/1',
      Id: name,
      Statement: ['One', 'Two', 'Three'].filter((sid) => sid === 'One' || often()).map(statement),
    },
  ])
  const attached = names
    .filter(often)
    .map((name) => ({ to: { role: among('client', 'sub-client') }, policies: name }))
  const files = attached.length === 0 ? [] : [['attachments/all.json', attaching(...attached)]]
  return Object.fromEntries([...documents, ...files]) as Readonly<Record<string, unknown>>
}

test(
  `${PAIRS} pairs of sets: what is applied is what was planned, then nothing is left to do, and back again`,
  { timeout: 60_000 + PAIRS * 2000 },
  async () => {
    const renewed = createRenewal()
    const admin = await api.post(
      '/auth/admin/create',
      { name: 'x', username: 'pairs', password: PASSWORD },
      family.root.access,
    )
    const options = { namespace: signedIn(admin).id, prune: true }
    for (let pair = 0; pair < PAIRS; pair++) {
      const token = await renewed(api)
      const [before, after] = [bodyOf('pairs', randomSet(), options), bodyOf('pairs', randomSet(), options)]
      const { revision } = (await applySet(api, token, before)) as unknown as { revision: { number: number } }
      const old = await planSet(api, token, before)
      const plan = await planSet(api, token, after)
      const done = await applySet(api, token, { ...after, plan })
      const applied = planOf({ status: 200, text: '', headers: {}, body: done })
      const what = `pair ${pair} of PLAN_SEED=${SEED}: ${JSON.stringify({ before, after })}`
      expect(applied.digest, what).toBe(plan.digest)
      expect(changesOf(applied), what).toEqual(changesOf(plan))
      expect(changesOf(await planSet(api, token, after)), what).toEqual([])
      if (done['applied'] === false) continue
      const back = await api.post(
        '/policies/rollback',
        { namespace: options.namespace, revision: String(revision.number) },
        token,
      )
      expect(back.status, `${what}: ${back.text}`).toBe(200)
      expect(planOf(back).digest, what).toBe(old.digest)
      expect(changesOf(await planSet(api, token, before)), what).toEqual([])
    }
  },
)
