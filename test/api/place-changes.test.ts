import { expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

type Json = Record<string, unknown>

let daemon: TestDaemon
let family: Family
useFamily({}, (home) => ({ daemon, family } = home))

const PLACES = '/mapdirectory/places'
const feature = (more: Json = {}, properties: Json = {}): Json => ({
  type: 'Feature',
  geometry: { type: 'Point', coordinates: [77.5, 12.9] },
  properties: { type: 'ev-charger', name: 'A', ...properties },
  ...more,
})

const call = async (method: string, path: string, body?: Json, headers: Record<string, string> = {}) => {
  const answer = await daemon.api.call(method, path, { body, headers, token: family.admin.access })
  const { code, errors } = answer.body as { code?: string; errors?: { pointer: string }[] }
  return { ...answer, told: [answer.status, code, errors?.[0]?.pointer] }
}

test('a place is added, replaced as it was read, and taken away; the whole directory tells that it changed', async () => {
  const before = String((await call('GET', `${PLACES}/all`)).headers['etag'])
  const made = await call('POST', PLACES, feature({ id: 'node/7' }))
  expect(made.told).toEqual([201, undefined, undefined])
  expect(made.body).toMatchObject({ id: 'node-7', name: 'A', address: null })
  expect((await call('POST', PLACES, feature({ id: 'node-7' }))).told).toEqual([
    409,
    'place_exists',
    undefined,
  ])
  const unnamed = await call('POST', PLACES, feature())
  expect(unnamed.body['id']).toMatch(/^plc_[0-9a-z]{26}$/)

  const at = `${PLACES}/node-7`
  const read = await call('GET', at)
  const tag = String(read.headers['etag'])
  expect([tag, made.headers['etag']]).toEqual([`"${String(read.body['hash'])}"`, tag])
  const renamed = feature({}, { name: 'B', operator: 'Voltway' })
  expect((await call('PUT', at, renamed)).told).toEqual([428, 'precondition_required', undefined])
  expect((await call('PUT', at, renamed, { 'if-match': '"other"' })).told[1]).toBe('precondition_failed')
  const replaced = await call('PUT', at, renamed, { 'if-match': tag })
  expect(replaced).toMatchObject({ status: 200, body: { name: 'B', operator: 'Voltway' } })
  expect((await call('PUT', at, feature(), { 'if-match': tag })).told[1]).toBe('precondition_failed')
  const same = await call('PUT', at, renamed, { 'if-match': '*' })
  expect([same.status, same.headers['etag']]).toEqual([200, replaced.headers['etag']])

  expect((await call('DELETE', at, undefined, { 'if-match': tag })).told[1]).toBe('precondition_failed')
  expect((await call('DELETE', at)).status).toBe(200)
  expect((await call('DELETE', at)).told).toEqual([404, 'not_found', undefined])
  expect((await call('GET', at)).status).toBe(404)
  const again = await call('PUT', at, feature(), { 'if-none-match': '*' })
  expect([
    again.status,
    (await call('DELETE', at, undefined, { 'if-match': String(again.headers['etag']) })).status,
  ]).toEqual([201, 200])
  const all = await call('GET', `${PLACES}/all`, undefined, { 'if-none-match': before })
  expect(all.body['places']).toMatchObject([{ id: unnamed.body['id'] }])
})

test('what an import would skip or refuse is refused, and named', async () => {
  const faults: [Json, string | undefined][] = [
    [feature({ id: 'a b' }), '/id'],
    [feature({ geometry: null }), '/geometry'],
    [feature({ geometry: { type: 'Point', coordinates: [12.9, 777] } }), '/geometry/coordinates'],
    [feature({}, { type: 'tea-stall' }), '/properties/type'],
    [feature({}, { name: '' }), '/properties/name'],
    [feature({}, { address: 'x'.repeat(501) }), '/properties/address'],
    [feature({}, { operator: 'x'.repeat(201) }), '/properties/operator'],
    [feature({ type: 'FeatureCollection' }), '/type'],
  ]
  for (const [body, pointer] of faults) {
    expect((await call('POST', PLACES, body)).told).toEqual([400, 'invalid_request', pointer])
    expect((await call('PUT', `${PLACES}/x`, { id: 'x', ...body })).told).toEqual([
      400,
      'invalid_request',
      pointer,
    ])
  }
  expect((await call('PUT', `${PLACES}/x`, feature({ id: 'y' }))).told[2]).toBe('/id')
  expect((await call('GET', `${PLACES}/x`)).status).toBe(404)
})

test('of parallel replacements of one state one is made', async () => {
  const { headers } = await call('POST', PLACES, feature({ id: 'raced' }))
  const ifMatch = { 'if-match': String(headers['etag']) }
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      call('PUT', `${PLACES}/raced`, feature({}, { name: `n${n}` }), ifMatch),
    ),
  )
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 412]))
})
