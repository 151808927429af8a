import { availableParallelism } from 'node:os'
import { describe, expect, test } from 'vitest'
import { PASSWORD, signedIn, signInUser, type Family, type SignedIn } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { isCutOff } from '../support/races.ts'

let daemon: TestDaemon
let api: Api
let family: Family

const make = async (noun: string, creator: SignedIn, name: string, more: object = {}): Promise<SignedIn> =>
  signedIn(
    await api.post(
      `/auth/${noun}/create`,
      { name, username: name, password: PASSWORD, ...more },
      creator.access,
    ),
  )
const patch = (who: SignedIn, id: string, body: object, tag?: string) =>
  api.call('PATCH', `/accounts/${id}`, {
    token: who.access,
    body,
    ...(tag === undefined ? {} : { headers: { 'if-match': tag } }),
  })

useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ daemon, api, family } = home))

describe('creating', () => {
  test('under a name that is taken hashes no password: more at once than may wait for a hash are all conflicts', async () => {
    const { admin } = family
    await make('client', admin, 'taken')
    const body = { name: 'T', username: 'Taken', password: PASSWORD }
    const more = Array.from({ length: availableParallelism() * 40 }, () =>
      api.post('/auth/client/create', body, admin.access),
    )
    expect(new Set((await Promise.all(more)).map(refusal))).toEqual(new Set(['409 account_exists']))
  })
})

describe('changing', () => {
  test('only the fields that are named, only in the state that was read', async () => {
    const { admin, client } = family
    const read = await api.get(`/accounts/${client.id}`, admin.access)
    const tag = String(read.headers['etag'])
    expect(refusal(await patch(admin, client.id, { name: 'x' }))).toBe('428 precondition_required')
    const changed = await patch(admin, client.id, { name: 'Chetan', attributes: { tier: 'gold' } }, tag)
    expect(changed.body['account']).toMatchObject({
      name: 'Chetan',
      username: 'chetan',
      attributes: { tier: 'gold' },
      version: Number(tag.replaceAll('"', '')) + 1,
    })
    expect(refusal(await patch(admin, client.id, { name: 'late' }, tag))).toBe('412 precondition_failed')
    const now = String(changed.headers['etag'])
    // If-Match compares strongly (RFC 9110 section 13.1.1).
    expect(refusal(await patch(admin, client.id, { name: 'weak' }, `W/${now}`))).toBe(
      '412 precondition_failed',
    )
    expect((await patch(admin, client.id, { email: 'c@example.com' }, `"0", ${now}`)).status).toBe(200)
    expect((await patch(admin, client.id, { email: null }, '*')).body['account']).toMatchObject({
      email: null,
    })
  })

  test.each([
    'role',
    'path',
    'parent_id',
    'status',
    'policies',
    'boundary',
    'version',
    'id',
    'username',
    'password_hash',
    '_id',
  ])('G2: %s cannot be changed here', async (field) => {
    const { admin, client } = family
    const before = (await api.get(`/accounts/${client.id}`, admin.access)).text
    expect(refusal(await patch(admin, client.id, { [field]: 'x' }, '*'))).toBe('400 invalid_request')
    expect((await api.get(`/accounts/${client.id}`, admin.access)).text).toBe(before)
  })

  test('an empty change, and one by somebody who is not above, are refused', async () => {
    const { admin, client, subClient } = family
    expect(refusal(await patch(admin, client.id, {}, '*'))).toBe('400 invalid_request')
    expect(refusal(await patch(client, client.id, { name: 'me' }, '*'))).toBe('404 not_found')
    expect(refusal(await patch(subClient, client.id, { name: 'up' }, '*'))).toBe('404 not_found')
  })

  test('of a hundred changes of one version one is made', async () => {
    const { admin } = family
    const target = await make('client', admin, 'contested')
    const tag = String((await api.get(`/accounts/${target.id}`, admin.access)).headers['etag'])
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_v, n) => patch(admin, target.id, { name: `n${n}` }, tag)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 412)).toHaveLength(99)
  })
})

describe('deleting', () => {
  test('C14: tokens, sessions and refresh keys of a deleted account are worth nothing, also to its namesake', async () => {
    const { admin } = family
    const first = await make('client', admin, 'phoenix', { number: '+919876500077' })
    await api.post('/user/access/refresh-key', { new_key: 'monsoon-window-42' }, first.access)
    expect((await api.del(`/accounts/${first.id}`, admin.access)).status).toBe(200)
    expect(refusal(await api.get(`/accounts/${first.id}`, admin.access))).toBe('404 not_found')
    const second = await make('client', admin, 'phoenix', { number: '+919876500077' })
    expect(second.id).not.toBe(first.id)
    expect(refusal(await api.get('/auth/me', first.access))).toBe('401 invalid_token')
    expect(refusal(await api.post('/auth/token/refresh', {}, first.refresh))).toBe('401 invalid_grant')
    expect(
      refusal(
        await api.post('/user/access/regenerate-token', { refresh_key: 'monsoon-window-42' }, first.access),
      ),
    ).toBe('401 invalid_token')
    expect((await api.get('/auth/me', second.access)).body).toMatchObject({ id: second.id })
    const sent = await api.post('/auth/user/login', { number: '+919876500077', otp: '000000' })
    expect(refusal(sent)).toBe('401 invalid_credentials')
  })

  test('an end user who signs in again is another account', async () => {
    const first = await signInUser(daemon, '+919876543777')
    expect((await api.del(`/accounts/${first.id}`, family.admin.access)).status).toBe(200)
    expect(refusal(await api.get('/auth/me', first.access))).toBe('401 invalid_token')
    daemon.clock.advance(120_000)
    daemon.sms.messages.length = 0
    const second = await signInUser(daemon, '+919876543777')
    expect(second.id).not.toBe(first.id)
    daemon.clock.advance(-120_000)
  })

  test('accounts with others below them stay; so does the last super-admin', async () => {
    const { root, admin } = family
    expect(refusal(await api.del(`/accounts/${admin.id}`, root.access))).toBe('409 has_children')
    expect((await api.get('/auth/me', family.subClient.access)).status).toBe(200)
    expect(refusal(await api.del(`/accounts/${root.id}`, root.access))).toBe('409 last_super_admin')
  })

  test('G9: of parallel deletions of all super-admins one remains', async () => {
    const { root } = family
    const others = [await make('superadmin', root, 'root2'), await make('superadmin', root, 'root3')]
    const all = [root, ...others]
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_v, n) =>
        api.del(`/accounts/${all[n % 3]?.id}`, (all[(n + 1) % 3] as SignedIn).access),
      ),
    )
    expect(answers.filter((answer) => answer.status >= 500 && !isCutOff(answer))).toEqual([])
    const alive = await Promise.all(all.map(({ access }) => api.get('/auth/me', access)))
    expect(alive.filter(({ status }) => status === 200)).toHaveLength(1)
    const left = all[alive.findIndex(({ status }) => status === 200)] as SignedIn
    family = { ...family, root: left }
  })
})

describe('sessions of an account', () => {
  test('are listed and ended by those above it, and by nobody else', async () => {
    const { admin, client, subClient } = family
    const again = signedIn(await api.post('/auth/subclient/login', { username: 'sita', password: PASSWORD }))
    const listed = await api.get(`/accounts/${subClient.id}/sessions`, client.access)
    expect(listed.body['items']).toHaveLength(2)
    expect(listed.text).not.toMatch(/authctl_rt_|digest/)
    expect(refusal(await api.get(`/accounts/${client.id}/sessions`, subClient.access))).toBe('404 not_found')
    expect((await api.del(`/accounts/${subClient.id}/sessions`, admin.access)).body).toMatchObject({
      revoked: 2,
    })
    for (const { access } of [subClient, again])
      expect(refusal(await api.get('/auth/me', access))).toBe('401 invalid_token')
    expect((await api.del(`/accounts/${subClient.id}/sessions`, admin.access)).body).toMatchObject({
      revoked: 0,
    })
  })
})

describe('disabling', () => {
  test('cuts off everything below by evaluation; enabling revives nobody who was disabled on their own', async () => {
    const { root } = family
    const admin = await make('admin', root, 'branch')
    const [kept, off] = [await make('client', admin, 'kept'), await make('client', admin, 'off')]
    const set = (id: string, verb: string) => api.post(`/accounts/${id}/${verb}`, {}, root.access)
    await set(off.id, 'disable')
    await set(admin.id, 'disable')
    const statusOf = async (id: string) => (await api.get(`/accounts/${id}`, root.access)).body['status']
    expect(await statusOf(kept.id)).toBe('active')
    expect(refusal(await api.get('/auth/me', kept.access))).toBe('401 invalid_token')
    const login = (username: string) => api.post('/auth/client/login', { username, password: PASSWORD })
    expect(refusal(await login('kept'))).toBe('401 invalid_credentials')
    await set(admin.id, 'enable')
    expect((await login('kept')).status).toBe(200)
    expect(await statusOf(off.id)).toBe('disabled')
    expect(refusal(await login('off'))).toBe('401 invalid_credentials')
  })
})

describe('listing', () => {
  test('by attribute and text, over short pages, with nothing twice and nothing left out', async () => {
    const { root } = family
    const admin = await make('admin', root, 'lister')
    const made: string[] = []
    for (let n = 0; n < 25; n++) {
      const tier = n % 5 === 0 ? 'gold' : 'tin'
      made.push((await make('client', admin, `listed-${n}`, { attributes: { tier, n } })).id)
      daemon.clock.advance(1)
    }
    const all = async (query: string): Promise<string[]> => {
      const found: string[] = []
      let cursor: string | null = ''
      while (cursor !== null) {
        const page: Answer = await api.get(
          `/accounts?limit=2&${query}${cursor === '' ? '' : `&cursor=${cursor}`}`,
          admin.access,
        )
        found.push(...(page.body['items'] as unknown as { id: string }[]).map(({ id }) => id))
        cursor = page.body['next_cursor'] as unknown as string | null
      }
      return found
    }
    expect(await all('attribute=tier:gold')).toEqual(made.filter((_id, n) => n % 5 === 0))
    expect(await all('attribute=n:7')).toEqual([made[7]])
    expect(await all('attribute=toString:x')).toEqual([])
    expect(await all('text=LISTED-1')).toEqual(made.filter((_id, n) => n === 1 || (n >= 10 && n < 20)))
    expect(await all(`text=${made[3]}`)).toEqual([made[3]])
    expect(await all('attribute=tier:gold&text=listed-2')).toEqual([made[20]])
    expect(await all('role=client')).toEqual(made)
    expect(refusal(await api.get('/accounts?attribute=tier', admin.access))).toBe('400 invalid_request')
  })
})
