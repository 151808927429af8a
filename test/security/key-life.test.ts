import { expect, test } from 'vitest'
import type { Application } from '../../sdk/types.gen.ts'
import type { Family } from '../support/accounts.ts'
import { refusal, type Answer, type Api } from '../support/api.ts'
import { createApplication, tokenOf, withKey } from '../support/applications.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

let daemon: TestDaemon
let api: Api
let family: Family
useFamily({}, (home) => ({ daemon, api, family } = home))

const HOUR = 3600
const KEY = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }

const endOf = (answer: Answer): number | null => {
  const { keyId } = withKey(answer)
  const { keys } = answer.body['application'] as unknown as Application
  const end = keys.find(({ id }) => id === keyId)?.expires_at ?? null
  return end === null ? null : Date.parse(end)
}

test('I10: no key that an application gives, to itself or another, by whatever route, outlives the key by which it asks', async () => {
  const { access } = family.client
  const made = await createApplication(api, access, { key_expires_in: HOUR })
  const other = await createApplication(api, access)
  const token = await tokenOf(api, made)
  const end = daemon.clock.now() + HOUR * 1000
  const rotate = (id: string, body: object, by = token) => api.post(`/applications/${id}/rotate`, body, by)
  const create = (body: object, by = token) => api.post('/applications', { name: 'Next', ...body }, by)
  const patch = (id: string, jwks: object, by = token) =>
    api.call('PATCH', `/applications/${id}`, { body: { jwks }, token: by })

  const longer = { key_expires_in: HOUR + 1 }
  const refused = [
    rotate(made.id, longer),
    rotate(other.id, longer),
    create(longer),
    create({ key_expires_in: HOUR, jwks: { keys: [KEY] } }),
    patch(made.id, { keys: [KEY] }),
    patch(other.id, { keys: [KEY] }),
  ]
  for (const answer of refused) expect(refusal(await answer)).toBe('403 forbidden')

  for (const answer of [await rotate(other.id, {}), await create({})]) expect(endOf(answer)).toBe(end)
  expect(endOf(await create({ key_expires_in: 60 }))).toBe(end - HOUR * 1000 + 60_000)
  expect((await patch(other.id, { keys: [KEY] }, access)).status).toBe(200)
  expect((await patch(other.id, { keys: [KEY] })).status).toBe(200)
  expect((await patch(other.id, { keys: [] })).status).toBe(200)

  // The key before a rotation by its owner ends as well: who still has it gets nothing that goes on.
  const free = await createApplication(api, access)
  const old = await tokenOf(api, free)
  expect(endOf(await rotate(free.id, { overlap_seconds: 60 }, access))).toBe(null)
  expect(refusal(await rotate(free.id, { overlap_seconds: 0, key_expires_in: 61 }, old))).toBe(
    '403 forbidden',
  )
  expect(endOf(await rotate(free.id, { overlap_seconds: 0 }, old))).toBe(daemon.clock.now() + 60_000)
})

test('I10: an owner, and an application whose key does not end, give keys of any life', async () => {
  const { access } = family.client
  const made = await createApplication(api, access)
  const token = await tokenOf(api, made)
  const answers = [
    await api.post('/applications', { name: 'Next' }, token),
    await api.post(`/applications/${made.id}/rotate`, {}, token),
  ]
  expect(answers.map(endOf)).toEqual([null, null])
  const jwks = { keys: [KEY] }
  const ending = await createApplication(api, access, { key_expires_in: HOUR })
  expect((await api.call('PATCH', `/applications/${made.id}`, { body: { jwks }, token })).status).toBe(403)
  expect(endOf(await api.post(`/applications/${ending.id}/rotate`, {}, access))).toBe(null)
})
