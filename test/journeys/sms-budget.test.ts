import { afterAll, expect, test } from 'vitest'
import { createSandbox } from '../cli/run-cli.ts'
import { startFleet } from '../support/fleet.ts'
import { hostSettings } from '../support/running-daemon.ts'

const sandbox = createSandbox()
afterAll(() => sandbox.remove())

interface Row {
  readonly budget: string
  readonly window: string
  readonly used: number
  readonly limit: number
  readonly state: string
  readonly resets_at: string | null
}

test('F6: authctl sms budget shows what is spent, and what would stop next on top', async () => {
  const fleet = await startFleet(2, { AUTHCTL_SMS_SPEND_HOURLY: '100', AUTHCTL_SMS_PRICES: 'IN=25,*=1000' })
  try {
    const [daemon] = fleet.daemons
    if (daemon === undefined) throw new Error('no daemon')
    const env = { ...hostSettings(daemon), AUTHCTL_SMS_SPEND_HOURLY: '100' }
    const budgets = async () => {
      const { code, stdout, stderr } = await sandbox.spawn({ argv: ['sms', 'budget', '--json'], env })
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      return JSON.parse(stdout) as Row[]
    }
    expect(await budgets()).toMatchObject([
      { budget: 'all', window: 'hour', used: 0, limit: 1000, state: 'ok', resets_at: null },
      { budget: 'all', window: 'day', used: 0, limit: 10_000 },
      { budget: 'spend', window: 'hour', used: 0, limit: 100 },
      { budget: 'spend', window: 'day', used: 0, limit: 500_000 },
    ])
    const send = (n: number) => fleet.apis[n % 2]?.post('/auth/otp/send', { number: `+91987654321${n}` })
    for (const n of [0, 1, 2]) expect((await send(n))?.status).toBe(200)
    const [first] = await budgets()
    expect(first).toMatchObject({ budget: 'spend', window: 'hour', used: 75, percent: 75, state: 'ok' })
    expect((await send(3))?.status).toBe(200)
    expect((await send(4))?.status).toBe(429)
    const [stopped, ...others] = await budgets()
    expect(stopped).toMatchObject({ budget: 'spend', window: 'hour', used: 100, state: 'stopped' })
    expect(Date.parse(stopped?.resets_at ?? '')).toBeGreaterThan(Date.now())
    expect(others).toContainEqual(expect.objectContaining({ budget: 'block +91987654', used: 4, limit: 20 }))
    expect(others).toContainEqual(expect.objectContaining({ budget: 'country IN', window: 'day', used: 4 }))
  } finally {
    await fleet.stop()
  }
}, 60_000)
