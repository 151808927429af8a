import { describe, expect, test } from 'vitest'
import { createClient } from '@authctl/sdk'
import { applicationSession } from '@authctl/sdk/server'
import { decodeJwt } from 'jose'
import type { Family } from '../support/accounts.ts'
import { oauthRefusal, postForm, refusal, type Answer, type Api } from '../support/api.ts'
import {
  askToken,
  basic,
  createApplication,
  tokenOf,
  withKey,
  type MadeApplication,
} from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { policyOf, put } from '../support/policy-calls.ts'
import { dumpStored } from '../support/test-store.ts'

let daemon: TestDaemon
let api: Api
let family: Family
useFamily({}, (home) => ({ daemon, api, family } = home))

const idsIn = ({ body }: Answer): string[] =>
  (body['items'] as unknown as { id: string }[]).map(({ id }) => id)

const patch = (id: string, body: object, token: string, headers: Record<string, string> = {}) =>
  api.call('PATCH', `/applications/${id}`, { body, token, headers })

/** Policies of the admin for what its applications are narrowed to. */
const policies = async (...named: readonly (readonly [name: string, ...Action: string[]])[]) => {
  for (const [name, ...Action] of named)
    await put(api, `/policies/${name}`, {
      token: family.admin.access,
      body: policyOf(name, { Effect: 'Allow', Action, Resource: '*' }),
    })
}

describe('applications', () => {
  test('one is created, read, listed, renamed, disabled, enabled and deleted; its key is shown once', async () => {
    const { access } = family.client
    const created = await api.post('/applications', { name: 'Shop', policies: [] }, access)
    expect(created.status).toBe(201)
    const { id, key, keyId } = withKey(created)
    expect(key).toMatch(/^authctl_sk_[\w-]{43}$/)
    const read = await api.get(`/applications/${id}`, access)
    expect(read.body).toEqual(created.body['application'])
    expect(read.body).toMatchObject({
      owner_id: family.client.id,
      status: 'active',
      policies: [],
      keys: [{ id: keyId, expires_at: null, last_used_at: null }],
      version: 1,
    })
    const renamed = await patch(id, { name: 'Depot' }, access, { 'if-match': String(read.headers['etag']) })
    expect(renamed.body).toMatchObject({ application: { name: 'Depot', policies: [], version: 2 } })
    expect(refusal(await patch(id, { name: 'x' }, access, { 'if-match': '"1"' }))).toBe(
      '412 precondition_failed',
    )
    for (const status of ['disabled', 'active'])
      expect((await patch(id, { status }, access)).body).toMatchObject({ application: { status } })
    expect(idsIn(await api.get('/applications', access))).toContain(id)
    expect((await api.del(`/applications/${id}`, access)).status).toBe(200)
    expect(refusal(await api.get(`/applications/${id}`, access))).toBe('404 not_found')
    const seen = `${await dumpStored(daemon.dataDir)}${JSON.stringify(daemon.log.lines)}`
    expect(seen).not.toContain(key)
    expect(seen).not.toContain(key.slice('authctl_sk_'.length))
  })

  test('the owner and those above it see and change one; to everybody else it is not there', async () => {
    const { root, admin, client, subClient } = family
    const { id } = await createApplication(api, admin.access, { owner_id: client.id, name: 'Shared' })
    const calls: readonly ((token: string) => Promise<Answer>)[] = [
      (token) => api.get(`/applications/${id}`, token),
      (token) => patch(id, { name: 'Shared' }, token),
      (token) => api.post(`/applications/${id}/rotate`, { overlap_seconds: 0 }, token),
    ]
    for (const call of calls) {
      for (const { access } of [root, admin, client]) expect((await call(access)).status).toBe(200)
      expect(refusal(await call(subClient.access))).toBe('404 not_found')
    }
    expect(refusal(await api.del(`/applications/${id}`, subClient.access))).toBe('404 not_found')
    for (const { access } of [root, admin, client])
      expect(idsIn(await api.get('/applications', access))).toContain(id)
    expect(idsIn(await api.get('/applications', subClient.access))).toEqual([])
    const ofClient = `/applications?owner_id=${client.id}`
    expect(idsIn(await api.get(ofClient, admin.access))).toContain(id)
    expect(refusal(await api.get(ofClient, subClient.access))).toBe('404 not_found')
    for (const [owner_id, by, refused] of [
      [admin.id, client, '404 not_found'],
      [root.id, root, '400 invalid_request'],
      [undefined, root, '400 invalid_request'],
    ] as const)
      expect(refusal(await api.post('/applications', { name: 'x', owner_id }, by.access))).toBe(refused)
  })

  test('pages follow one another, a repeated request is answered as the first time, and an account has at most fifty', async () => {
    const { access } = family.subClient
    const headers = { 'idempotency-key': 'the-same' }
    const create = () => api.call('POST', '/applications', { body: { name: 'Same' }, token: access, headers })
    const [first, again] = [await create(), await create()]
    expect(again.text).toBe(first.text)
    const rest = await Promise.all(Array.from({ length: 49 }, () => createApplication(api, access)))
    expect(refusal(await api.post('/applications', { name: 'x' }, access))).toBe('409 limit_reached')
    const found: string[] = []
    for (let cursor = ''; cursor !== 'null';) {
      const page = await api.get(`/applications?limit=20${cursor && `&cursor=${cursor}`}`, access)
      found.push(...idsIn(page))
      cursor = String(page.body['next_cursor'])
    }
    expect(found).toEqual([withKey(first).id, ...rest.map(({ id }) => id)].toSorted())
  })

  test('of many rotations at once one is made; two keys are live until the older has ended, or is ended', async () => {
    const { access } = family.client
    const made = await createApplication(api, access)
    const rotate = (overlap_seconds: number) =>
      api.post(`/applications/${made.id}/rotate`, { overlap_seconds }, access)
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => rotate(600)))
    const [won, ...others] = outcomes.filter(({ status }) => status === 200)
    expect(others).toEqual([])
    const refusals = new Set(outcomes.filter(({ status }) => status !== 200).map(refusal))
    expect(
      [...refusals].filter((each) => !/^(412 precondition_failed|409 limit_reached)$/.test(each)),
    ).toEqual([])
    const next = withKey(won as Answer)
    expect(refusal(await rotate(600))).toBe('409 limit_reached')
    const old = await tokenOf(api, made)
    expect((await askToken(api, next)).status).toBe(200)
    daemon.clock.advance(600_000)
    expect(oauthRefusal(await askToken(api, made))).toBe('401 invalid_client')
    expect(refusal(await api.get('/auth/me', old))).toBe('401 invalid_token')
    const third = withKey(await rotate(600))
    const last = withKey(await rotate(0))
    for (const { key } of [next, third])
      expect(oauthRefusal(await askToken(api, { id: made.id, key }))).toBe('401 invalid_client')
    expect((await askToken(api, last)).status).toBe(200)
  })

  test('D12: deleting an account ends its applications, and disabling it stops them', async () => {
    const { admin } = family
    const person = { name: 'x', number: '+919876500099' }
    const { body } = await api.post('/auth/client/create', person, admin.access)
    const { id: owner_id } = body['account'] as unknown as { id: string }
    const made = await createApplication(api, admin.access, { owner_id })
    const token = await tokenOf(api, made)
    expect((await api.get('/auth/me', token)).body).toMatchObject({ id: owner_id })
    for (const [verb, status] of [
      ['disable', 401],
      ['enable', 200],
    ] as const) {
      await api.post(`/accounts/${owner_id}/${verb}`, {}, admin.access)
      expect([(await api.get('/auth/me', token)).status, (await askToken(api, made)).status]).toEqual([
        status,
        status,
      ])
    }
    await api.del(`/accounts/${owner_id}`, admin.access)
    expect((await askToken(api, made)).status).toBe(401)
    expect((await api.get('/auth/me', token)).status).toBe(401)
    expect(refusal(await api.get(`/applications/${made.id}`, family.root.access))).toBe('404 not_found')
  })
})

describe('tokens of applications', () => {
  test('I6: client_credentials by either way to authenticate; the token is one of RFC 9068 and names no session', async () => {
    const made = await createApplication(api, family.client.access)
    const posted = await postForm(api, '/oauth/token', {
      grant_type: 'client_credentials',
      client_id: made.id,
      client_secret: made.key,
    })
    for (const answer of [await askToken(api, made), posted]) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' })
      expect(Object.keys(answer.body)).toEqual(['access_token', 'token_type', 'expires_in'])
      const claims = decodeJwt(String(answer.body['access_token']))
      expect(claims).toMatchObject({
        sub: made.id,
        client_id: made.id,
        id: made.id,
        role: 'application',
        owner_id: family.client.id,
        key_id: made.keyId,
      })
      expect(claims).not.toHaveProperty('sid')
    }
    const { body } = await api.get(`/applications/${made.id}`, family.client.access)
    const [key] = body['keys'] as unknown as { last_used_at: string }[]
    expect(Date.parse(key?.last_used_at ?? '')).toBe(daemon.clock.now())
  })

  test('I6: wrong proofs are refused alike, guesses are limited, and the right key still gets in', async () => {
    const made = await createApplication(api, family.client.access)
    const other = await createApplication(api, family.client.access)
    const absent = `app_${'0'.repeat(26)}`
    const grant = { grant_type: 'client_credentials' }
    const ask = (fields: Record<string, string>, headers?: Record<string, string>) =>
      postForm(api, '/oauth/token', { ...grant, ...fields }, headers)
    const WRONG: readonly [Promise<Answer>, string][] = [
      [ask({}, basic(made.id, other.key)), '401 invalid_client'],
      [ask({}, basic(absent, made.key)), '401 invalid_client'],
      [ask({}, basic(made.id, 'authctl_sk_short')), '401 invalid_client'],
      [ask({}, basic(made.id, '')), '401 invalid_client'],
      [ask({}, { authorization: 'Basic %' }), '401 invalid_client'],
      [
        ask({}, { authorization: `Basic ${Buffer.from(`%E0:${made.key}`).toString('base64')}` }),
        '401 invalid_client',
      ],
      [ask({ client_id: made.id }), '401 invalid_client'],
      [ask({ client_id: other.id }, basic(made.id, made.key)), '401 invalid_client'],
      [ask({ client_id: made.id, client_secret: made.key }, basic(made.id, made.key)), '400 invalid_request'],
      [ask({ client_id: 'shop' }), '400 unauthorized_client'],
      [ask({ scope: 'anything' }, basic(made.id, made.key)), '400 invalid_scope'],
    ]
    for (const [answer, refused] of WRONG) expect(oauthRefusal(await answer)).toBe(refused)
    const guesses = await Promise.all(Array.from({ length: 30 }, () => ask({}, basic(made.id, other.key))))
    expect(new Set(guesses.map(oauthRefusal))).toEqual(
      new Set(['401 invalid_client', '429 temporarily_unavailable']),
    )
    expect((await askToken(api, made)).status).toBe(200)
    await patch(made.id, { status: 'disabled' }, family.client.access)
    expect(oauthRefusal(await askToken(api, made))).toBe('401 invalid_client')
  })

  test('what concerns a sign-in is not for applications; the account that one acts for is told', async () => {
    const token = await tokenOf(api, await createApplication(api, family.client.access))
    expect((await api.get('/auth/me', token)).body).toMatchObject({ id: family.client.id })
    const FOR_PEOPLE = [
      api.get('/auth/sessions', token),
      api.del('/auth/sessions', token),
      api.post('/auth/logout', {}, token),
      api.post('/auth/password/change', { current_password: 'x', new_password: 'y' }, token),
      api.post('/user/access/refresh-key', { new_key: 'monsoon-window-42' }, token),
      api.post('/user/access/regenerate-token', { refresh_key: 'monsoon-window-42' }, token),
      api.post('/policies/approve', { plan: {} }, token),
    ]
    for (const answer of await Promise.all(FOR_PEOPLE)) expect(refusal(answer)).toBe('403 forbidden')
    expect((await api.get('/auth/me', family.client.access)).status).toBe(200)
    const reasons = daemon.log.events('request-refused').map(({ reason }) => reason)
    const ofThisOne = reasons.filter((reason) => String(reason).endsWith(`: not for ${decodeJwt(token).sub}`))
    expect(new Set(ofThisOne).size).toBe(FOR_PEOPLE.length)
    expect(ofThisOne).toContain(`policies.approve: not for ${decodeJwt(token).sub}`)
  })
})

describe('the session layer', () => {
  let reader: MadeApplication

  test('an application may do what its owner may and its policies allow, from the next request on; explain names the layer', async () => {
    const { admin, client } = family
    await policies(
      ['reader', 'authctl:GetAccount', 'authctl:CheckAccess', 'policies:Explain'],
      ['lister', 'authctl:ListAccounts'],
    )
    reader = await createApplication(api, admin.access, {
      owner_id: client.id,
      policies: ['reader', 'lister'],
    })
    const token = await tokenOf(api, reader)
    const list = (as: string) => api.get('/accounts', as)
    const get = (as: string) => api.get(`/accounts/${family.subClient.id}`, as)
    expect([(await list(token)).status, (await get(token)).status]).toEqual([200, 200])
    expect(refusal(await api.get('/policies', token))).toBe('403 forbidden')
    const narrowed = await tokenOf(api, reader, `${admin.id}/reader`)
    expect(decodeJwt(narrowed)['scope']).toBe(`${admin.id}/reader`)
    expect([(await list(narrowed)).status, (await get(narrowed)).status]).toEqual([403, 200])
    const question = { action: 'authctl:ListAccounts', resource: 'account/x', explain: true }
    const checked = await api.post('/access/check', question, narrowed)
    const { layers, decided_by } = checked.body['explanation'] as unknown as {
      layers: { kind: string; outcome: string }[]
      decided_by: { layer: number }
    }
    expect(layers.map(({ kind, outcome }) => `${kind} ${outcome}`).slice(0, 3)).toContain('session allow')
    expect(layers.filter(({ kind }) => kind === 'session')).toHaveLength(2)
    expect(layers[decided_by.layer]).toBeDefined()
    const denial = await list(narrowed)
    const asked = { decision_id: denial.body['decision_id'] }
    const explained = await api.post('/access/explain', asked, family.root.access)
    expect(explained.body).toMatchObject({
      principal: reader.id,
      now: { allowed: false, explanation: { decided_by: { layer: 2 } } },
    })
    await patch(reader.id, { policies: [`${admin.id}/reader`] }, admin.access)
    expect([(await list(token)).status, (await get(token)).status]).toEqual([403, 200])
    await patch(reader.id, { policies: [] }, admin.access)
    expect([(await list(token)).status, (await get(token)).status]).toEqual([403, 403])
    await patch(reader.id, { policies: null }, admin.access)
    expect([(await list(token)).status, (await get(token)).status]).toEqual([200, 200])
  })

  test('a policy that an application names stays until the application lets it go', async () => {
    const { admin } = family
    await policies(['named', 'authctl:GetAccount'])
    const { id } = await createApplication(api, admin.access, { policies: ['named'] })
    const remove = () => api.del('/policies/named', admin.access)
    expect(refusal(await remove())).toBe('409 policy_in_use')
    expect(refusal(await patch(id, { policies: ['nowhere'] }, admin.access))).toBe('404 not_found')
    await patch(id, { policies: null }, admin.access)
    expect((await remove()).status).toBe(200)
  })

  test('an application gives nobody what its own layers lack, not by accounts, policies, nor other applications', async () => {
    const { admin, client } = family
    const manage = [
      'authctl:CreateClient',
      'authctl:AttachPolicy',
      'authctl:PutPolicy',
      'authctl:CreateApplication',
      'authctl:UpdateApplication',
      'authctl:RotateApplication',
      'authctl:GetAccount',
    ]
    await policies(['manager', ...manage], ['wide', 'authctl:DeleteAccount'])
    const below = { Effect: 'Allow', Action: 'authctl:GetAccount', Resource: 'account/${principal.path}/*' }
    await put(api, '/policies/narrow', { token: admin.access, body: policyOf('narrow', below) })
    const made = await createApplication(api, admin.access, { policies: ['manager'] })
    const free = await createApplication(api, admin.access)
    const token = await tokenOf(api, made)
    const REFUSED: readonly [Promise<Answer>, string][] = [
      [
        api.post('/auth/client/create', { name: 'x', number: '+919876500098' }, token),
        'a client with the rights of every client',
      ],
      [api.post(`/accounts/${client.id}/policies/wide`, {}, token), 'a policy that it lacks'],
      [api.post('/applications', { name: 'x' }, token), 'an application as free as its owner'],
      [api.post('/applications', { name: 'x', policies: ['wide'] }, token), 'one with another policy'],
      [api.post('/applications', { name: 'x', owner_id: client.id }, token), 'one of an account below'],
      [api.post(`/applications/${free.id}/rotate`, {}, token), 'the key of a wider one'],
      [patch(free.id, { policies: ['wide'] }, token), 'another policy for one that is there'],
    ]
    for (const [answer, what] of REFUSED) expect(refusal(await answer), what).toBe('403 exceeds_ceiling')
    expect(refusal(await patch(made.id, { policies: null }, token))).toBe('403 forbidden')
    const wider = policyOf('manager', { Effect: 'Allow', Action: '*', Resource: '*' })
    const tag = (await api.get('/policies/manager', admin.access)).headers['etag']
    const widened = await api.call('PUT', '/policies/manager', {
      token,
      body: wider,
      headers: { 'if-match': String(tag) },
    })
    expect(refusal(widened)).toBe('403 exceeds_ceiling')
    expect((await api.post(`/accounts/${client.id}/policies/narrow`, {}, token)).status).toBe(200)
    const next = await api.post('/applications', { name: 'x', policies: ['narrow'] }, token)
    expect(next.status, next.text).toBe(201)
    expect((await api.post(`/applications/${made.id}/rotate`, {}, token)).status).toBe(200)
  })
})

describe('a client of the SDK that acts as an application', () => {
  test('signs in by its key when it is used, once for many calls, and again when its token is refused or ends', async () => {
    const { access } = family.client
    const made = await createApplication(api, access)
    let [key, asked] = [made.key, 0]
    const counting: typeof fetch = (input, init) => {
      const url = input instanceof Request ? input.url : input.toString()
      if (url.endsWith('/oauth/token')) asked += 1
      return fetch(input, init)
    }
    const options = { baseUrl: api.url, fetch: counting, retries: 0 }
    const storage = applicationSession({ ...options, applicationId: made.id, serviceKey: () => key })
    const client = createClient({ ...options, storage })
    const all = await Promise.all(Array.from({ length: 5 }, () => client.auth.me()))
    expect(all.map(({ id }) => id)).toEqual(Array.from({ length: 5 }, () => family.client.id))
    expect(asked).toBe(1)
    const next = withKey(await api.post(`/applications/${made.id}/rotate`, { overlap_seconds: 0 }, access))
    await expect(client.auth.me()).rejects.toMatchObject({ code: 'invalid_client', status: 401 })
    key = next.key
    expect(await client.auth.me()).toMatchObject({ id: family.client.id })
    expect(asked).toBe(3)
    // After this nobody of the family is signed in any more.
    daemon.clock.advance(3_600_000)
    expect(await client.auth.me()).toMatchObject({ id: family.client.id })
    expect(asked).toBe(4)
  })
})
