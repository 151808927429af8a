import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { boxAround, distanceMetres, type Box } from '../../daemon/domain/place.ts'
import { signInUser, type Family, type SignedIn } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'

const COUNT = 10_000

/** A repeatable sequence of numbers in [0, 1). */
const sequence = (seed: number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296
  return seed / 4_294_967_296
}

const random = sequence(42)
const features = Array.from({ length: COUNT }, (_, index) => {
  const nearTheDateLine = index % 10 === 0
  const longitude = nearTheDateLine
    ? random() < 0.5
      ? 179 + random()
      : -180 + random()
    : 77 + random() * 1.2
  return {
    type: 'Feature',
    id: `place-${String(index).padStart(5, '0')}`,
    geometry: {
      type: 'Point',
      coordinates: [Number(longitude.toFixed(6)), Number((12.5 + random()).toFixed(6))] as [number, number],
    },
    properties: {
      type: index % 3 === 0 ? 'swap-station' : 'ev-charger',
      name: `Place ${index}`,
      operator: 'Voltway',
    },
  }
})
type Feature = (typeof features)[number]

const isInside = ({ geometry: { coordinates } }: Feature, box: Box): boolean => {
  const [longitude, latitude] = coordinates
  const within =
    box.minLongitude <= box.maxLongitude
      ? longitude >= box.minLongitude && longitude <= box.maxLongitude
      : longitude >= box.minLongitude || longitude <= box.maxLongitude
  return within && latitude >= box.minLatitude && latitude <= box.maxLatitude
}

const point = ({ geometry: { coordinates } }: Feature) => ({
  longitude: coordinates[0],
  latitude: coordinates[1],
})

describe('the places directory with 10,000 places', () => {
  let daemon: TestDaemon
  let family: Family
  let user: SignedIn

  const importAll = async (items: readonly Feature[]) => {
    const counts = { created: 0, updated: 0, unchanged: 0 }
    for (let start = 0; start < items.length; start += 2000) {
      const body = { type: 'FeatureCollection', features: items.slice(start, start + 2000) }
      const answer = await daemon.api.post('/mapdirectory/places/import', body, family.admin.access)
      expect(answer.status, answer.text.slice(0, 300)).toBe(200)
      const reply = answer.body as unknown as typeof counts
      for (const name of ['created', 'updated', 'unchanged'] as const) counts[name] += reply[name]
    }
    return counts
  }

  useFamily({}, (home) => ({ daemon, family } = home))
  beforeAll(async () => {
    user = await signInUser(daemon, '+919876543210')
    expect(await importAll(features)).toEqual({ created: COUNT, updated: 0, unchanged: 0 })
  })

  const all = (headers: Record<string, string> = {}) =>
    daemon.api.call('GET', '/mapdirectory/places/all', { token: user.access, headers })

  test('all of them are streamed, with an ETag that holds until something changes', async () => {
    const answer = await all()
    expect(answer.headers['transfer-encoding']).toBe('chunked')
    const { detail, places } = answer.body as unknown as { detail: string; places: { id: string }[] }
    expect(detail).toBe('All data fetched')
    expect(places.map((place) => place.id)).toEqual(features.map((feature) => feature.id))
    expect(places[1]).toEqual({
      id: 'place-00001',
      type: 'ev-charger',
      name: 'Place 1',
      ...point(features[1] as Feature),
      address: null,
      operator: 'Voltway',
      updated_at: expect.any(String),
    })

    const etag = String(answer.headers['etag'])
    expect((await all({ 'if-none-match': etag })).status).toBe(304)
    expect((await all({ 'if-none-match': `"other", W/${etag}` })).status).toBe(304)
    expect(await importAll(features.slice(0, 100))).toEqual({ created: 0, updated: 0, unchanged: 100 })
    expect((await all({ 'if-none-match': etag })).status).toBe(304)
    const first = features[0] as Feature
    await importAll([{ ...first, properties: { ...first.properties, operator: 'Other' } }])
    expect((await all({ 'if-none-match': etag })).status).toBe(200)
    await importAll([first])
  })

  /** Reads every page of a query. */
  const pages = async (query: string): Promise<string[]> => {
    const ids: string[] = []
    let cursor = ''
    do {
      const answer = await daemon.api.get(`/mapdirectory/places?limit=137&${query}${cursor}`, user.access)
      expect(answer.status, answer.text).toBe(200)
      const { items, next_cursor } = answer.body as unknown as {
        items: { id: string }[]
        next_cursor: string | null
      }
      ids.push(...items.map((item) => item.id))
      cursor = next_cursor === null ? '' : `&cursor=${next_cursor}`
    } while (cursor !== '')
    return ids
  }

  test.each([
    ['a city', { minLongitude: 77.3, minLatitude: 12.8, maxLongitude: 77.7, maxLatitude: 13.1 }],
    ['the date line', { minLongitude: 179.5, minLatitude: 12.5, maxLongitude: -179.5, maxLatitude: 13 }],
    ['nowhere', { minLongitude: 0, minLatitude: 0, maxLongitude: 1, maxLatitude: 1 }],
  ])('a box around %s holds what a look at every place finds, page by page', async (_name, box) => {
    const bbox = [box.minLongitude, box.minLatitude, box.maxLongitude, box.maxLatitude].join(',')
    expect(await pages(`bbox=${bbox}`)).toEqual(
      features.filter((feature) => isInside(feature, box)).map((feature) => feature.id),
    )
    const typed = features.filter(
      (feature) => isInside(feature, box) && feature.properties.type === 'swap-station',
    )
    expect(await pages(`bbox=${bbox}&type=swap-station`)).toEqual(typed.map((feature) => feature.id))
  })

  test.each([
    ['in the city', { longitude: 77.5946, latitude: 12.9716 }, 12_000],
    ['at the date line', { longitude: 179.999, latitude: 13 }, 40_000],
  ])(
    'near %s comes what is within the radius, nearest first, page by page',
    async (_name, centre, radius) => {
      const expected = features
        .map((feature) => ({
          id: feature.id,
          metres: Math.round(distanceMetres(centre, point(feature)) * 10) / 10,
        }))
        .filter(({ metres }) => metres <= radius)
        .sort((a, b) => a.metres - b.metres || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id)
      expect(expected.length).toBeGreaterThan(150)
      expect(await pages(`near=${centre.longitude},${centre.latitude}&radius=${radius}`)).toEqual(expected)
    },
  )

  test('an import with one bad feature changes nothing', async () => {
    const before = (await all()).headers['etag']
    const good = { ...features[0], id: 'new-one' }
    const bad = [
      { ...good, id: 'x', geometry: { type: 'Point', coordinates: [181, 0] } },
      { ...good, id: 'x', geometry: { type: 'Point', coordinates: ['77', 12] } },
      { ...good, id: 'x', geometry: { type: 'Point', coordinates: [77] } },
      { ...good, id: 'x', geometry: 'POINT (77 12)' },
      { ...good, id: ['x'] },
      { ...good, type: 'Place' },
      good,
    ]
    for (const feature of bad) {
      const answer = await daemon.api.post(
        '/mapdirectory/places/import',
        { type: 'FeatureCollection', features: [good, feature] },
        family.admin.access,
      )
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ pointer: expect.stringMatching(/^\/features/) }] },
      })
    }
    expect((await all()).headers['etag']).toBe(before)
    expect((await daemon.api.get('/mapdirectory/places/new-one', user.access)).status).toBe(404)
  })

  test.each([
    'bbox=1,2,3',
    'bbox=0,10,1,5',
    'bbox=0,0,1,91',
    'near=200,0',
    'near=1,1&bbox=0,0,1,1',
    'radius=10',
    'radius=0&near=1,1',
    'cursor=x',
    `cursor=${Buffer.from('[1]').toString('base64url')}`,
    'limit=0',
    'limit=201',
    'type=x',
    'q=1',
  ])('?%s is 400', async (query) => {
    expect(await daemon.api.get(`/mapdirectory/places?${query}`, user.access)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    })
  })

  test.each([
    ['near=1,1&bbox=0,0,1,1', '/query', 'Search in a box or near a point: send bbox or near, not both.'],
    ['radius=10', '/query/near', 'This field is missing: radius belongs to it.'],
  ])('?%s says what belongs together and what does not', async (query, pointer, detail) => {
    const { body } = await daemon.api.get(`/mapdirectory/places?${query}`, user.access)
    expect(body['errors']).toMatchObject([{ pointer, detail }])
  })

  test('one place is read by its id', async () => {
    expect(await daemon.api.get('/mapdirectory/places/place-00007', user.access)).toMatchObject({
      status: 200,
      body: { id: 'place-00007' },
    })
  })
})

test('every point within a radius is inside the box around it', () => {
  const longitude = fc.double({ min: -180, max: 180, noNaN: true })
  const latitude = fc.double({ min: -89.9, max: 89.9, noNaN: true })
  const place = fc.record({ longitude, latitude })
  const nearby = fc.record({
    centre: place,
    radius: fc.integer({ min: 1, max: 200_000 }),
    bearing: fc.double({ min: 0, max: 6.283, noNaN: true }),
    part: fc.double({ min: 0, max: 0.999, noNaN: true }),
  })
  fc.assert(
    fc.property(nearby, ({ centre, radius, bearing, part }) => {
      const metresPerDegree = 111_195
      const reach = (radius * part) / metresPerDegree
      const found = {
        latitude: Math.max(-90, Math.min(90, centre.latitude + reach * Math.cos(bearing))),
        longitude:
          ((centre.longitude +
            (reach * Math.sin(bearing)) / Math.max(0.001, Math.cos((centre.latitude * Math.PI) / 180)) +
            540) %
            360) -
          180,
      }
      if (distanceMetres(centre, found) > radius) return true
      const feature = { geometry: { coordinates: [found.longitude, found.latitude] } } as unknown as Feature
      return isInside(feature, boxAround(centre, radius))
    }),
    { numRuns: 5000 },
  )
})
