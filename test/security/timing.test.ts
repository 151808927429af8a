import { scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PasswordHasher } from '../../daemon/ports/crypto.ts'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'
import { takeTheSameTime } from '../support/roc.ts'

const PAIRS = 300
const LEAK_MS = 1
const WRONG = 'wrong password!'

const derive = promisify(scrypt) as (
  password: string,
  salt: string,
  bytes: number,
  options: { N: number },
) => Promise<Buffer>
const hashOf = async (password: string): Promise<string> =>
  (await derive(password, 'salt', 32, { N: 2048 })).toString('hex')

/**
 * A cheaper hash in the same pool of threads: beside a real one a leak of one millisecond is not seen in 300
 * pairs.
 */
const hasher: PasswordHasher = {
  hash: hashOf,
  verify: async (password, hash) => (await hashOf(password)) === hash,
  needsRehash: () => false,
}

let daemon: TestDaemon
beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_RATE_LIMITS: 'off' }, { hasher })
  const { root, admin } = await createFamily(daemon)
  const created = await daemon.api.post(
    '/auth/client/create',
    { name: 'D', username: 'disabled', password: PASSWORD },
    admin.access,
  )
  const { account } = created.body as unknown as { account: { id: string } }
  await daemon.api.post(`/accounts/${account.id}/disable`, {}, admin.access)
  const other = { name: 'B', username: 'bina', password: PASSWORD }
  const above = await daemon.api.post('/auth/admin/create', { ...other, issue_token: true }, root.access)
  const { account: bina, token } = above.body as unknown as {
    account: { id: string }
    token: { access_token: string }
  }
  await daemon.api.post('/auth/client/create', { ...other, username: 'below' }, token.access_token)
  await daemon.api.post(`/accounts/${bina.id}/disable`, {}, root.access)
  for (let warm = 0; warm < 30; warm++) await login('chetan', WRONG)
})
afterAll(() => daemon.stop())

const login = async (username: string, password: string): Promise<void> => {
  const { status } = await daemon.api.post('/auth/client/login', { username, password })
  if (status !== 401) throw new Error(`${username}: ${status}`)
}

const busy = (ms: number): void => {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe('E2: a refused sign-in takes the same time whatever the reason', { timeout: 240_000 }, () => {
  test.each([
    ['an unknown account', 'nobody', WRONG],
    ['a disabled account and its password', 'disabled', PASSWORD],
    ['an account below a disabled one and its password', 'below', PASSWORD],
  ])('%s, beside a wrong password', async (_what, username, password) => {
    const { same, area } = await takeTheSameTime(PAIRS, [
      () => login('chetan', WRONG),
      () => login(username, password),
    ])
    expect(same, `the area under the curve is ${area}`).toBe(true)
  })

  test('the gate sees a planted millisecond', async () => {
    const leaking = async (): Promise<void> => {
      await login('chetan', WRONG)
      busy(LEAK_MS)
    }
    const { same, area } = await takeTheSameTime(PAIRS, [() => login('chetan', WRONG), leaking])
    expect(same, `the area under the curve is ${area}`).toBe(false)
  })
})
