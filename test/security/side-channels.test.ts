import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Route } from '../../daemon/contract/route.ts'
import { routes } from '../../daemon/contract/routes.ts'
import { createFamily, PASSWORD } from '../support/accounts.ts'
import { startTestDaemon, type TestDaemon } from '../support/in-process.ts'

const WRONG = 'wrong password!'

let daemon: TestDaemon
beforeAll(async () => {
  daemon = await startTestDaemon({ AUTHCTL_METRICS: 'true' })
  await createFamily(daemon)
})
afterAll(() => daemon.stop())

/** Every count of the metrics; times, and what the process measures of itself, tell of no request. */
const countsOf = async (): Promise<Map<string, number>> => {
  const { text } = await daemon.api.get('/metrics')
  const lines = text.split('\n').filter((line) => /^authctl_(?!process|nodejs)/.test(line))
  return new Map(
    lines
      .filter((line) => !/_(?:sum|bucket)\b/.test(line) && !line.includes('route="/metrics"'))
      .map((line): [string, number] => {
        const cut = line.lastIndexOf(' ')
        return [line.slice(0, cut), Number(line.slice(cut + 1))]
      }),
  )
}

/** What a request adds to the metrics. */
const addedBy = async (request: () => Promise<unknown>): Promise<Record<string, number>> => {
  const before = await countsOf()
  await request()
  const after = await countsOf()
  return Object.fromEntries(
    [...after]
      .map(([name, count]) => [name, count - (before.get(name) ?? 0)])
      .filter(([, more]) => more !== 0),
  )
}

describe('E5: what is beside an answer tells nothing of accounts', () => {
  const signIn = (username: string) => () =>
    daemon.api.post('/auth/admin/login', { username, password: WRONG })

  test('metrics count a refused sign-in alike', async () => {
    // The first of a kind makes the line.
    await signIn('nobody')()
    const existing = await addedBy(signIn('asha'))
    expect(Object.values(existing)).toEqual([1])
    expect(await addedBy(signIn('nobody'))).toEqual(existing)
  })

  test('metrics count a request for a code alike', async () => {
    const send = (number: string) => () => daemon.api.post('/auth/otp/send', { number })
    await send('+919876500090')()
    await daemon.sms.codeFor('+919876500090')
    const settled = (number: string) => async () => {
      await send(number)()
      await daemon.sms.codeFor(number)
    }
    const existing = await addedBy(settled('+919876500001'))
    const absent = await addedBy(settled('+919876500091'))
    expect(Object.keys(absent).filter((name) => !name.includes('sms'))).toEqual(
      Object.keys(existing).filter((name) => !name.includes('sms')),
    )
  })

  test('no validator of caches, and the same wait, on what is refused', async () => {
    const waits: unknown[] = []
    for (const username of ['asha', 'absent']) {
      let last = await signIn(username)()
      for (let n = 0; n < 15 && last.status !== 429; n++) last = await signIn(username)()
      expect(last.headers['etag']).toBeUndefined()
      waits.push([last.status, last.headers['retry-after'], last.headers['ratelimit-policy']])
    }
    expect(waits[0]).toEqual([429, '600', expect.any(String)])
    expect(waits[1]).toEqual(waits[0])
  })

  test('nobody without a token is told that a name or a number is taken', async () => {
    const open = (Object.values(routes) as Route[]).filter(({ auth }) => auth === 'none')
    for (const { errors, operationId } of open) expect(errors, operationId).not.toContain('account_exists')
    const taken = { name: 'x', username: 'asha', password: PASSWORD, number: '+919876500001' }
    const free = { ...taken, username: 'free', number: '+919876500092' }
    for (const path of ['/auth/admin/create', '/auth/client/create', '/auth/superadmin/create']) {
      const [first, second] = [await daemon.api.post(path, taken), await daemon.api.post(path, free)]
      expect(first.status).toBe(401)
      expect({ ...first.body, instance: '' }).toEqual({ ...second.body, instance: '' })
    }
  })
})
