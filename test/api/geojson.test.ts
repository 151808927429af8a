import { describe, expect, test } from 'vitest'
import type { Family } from '../support/accounts.ts'
import { useFamily } from '../support/family.ts'
import type { TestDaemon } from '../support/in-process.ts'
import { readSource } from '../support/source-files.ts'

type Json = Record<string, unknown>

const POINT = { type: 'Point', coordinates: [77.5, 12.9] }
const feature = (more: Json = {}): Json => ({
  type: 'Feature',
  id: 'a',
  geometry: POINT,
  properties: { type: 'ev-charger', name: 'A' },
  ...more,
})

describe('GeoJSON as it is found', () => {
  let daemon: TestDaemon
  let family: Family
  useFamily({}, (home) => ({ daemon, family } = home))

  const importOf = (collection: Json) =>
    daemon.api.post(
      '/mapdirectory/places/import',
      { type: 'FeatureCollection', ...collection },
      family.admin.access,
    )
  const read = async (id: string): Promise<Json> =>
    (await daemon.api.get(`/mapdirectory/places/${id}`, family.admin.access)).body

  test.each(['application/geo+json', 'application/geo+json; charset=utf-8', 'Application/Geo+JSON'])(
    'it is taken by its own media type: %s',
    async (type) => {
      const answer = await daemon.api.call('POST', '/mapdirectory/places/import', {
        body: { type: 'FeatureCollection', features: [feature({ id: 'typed' })] },
        headers: { 'content-type': type },
        token: family.admin.access,
      })
      expect(answer.status, answer.text).toBe(200)
    },
  )

  test('H2: no other route takes that media type, and no other type is taken here', async () => {
    const call = (path: string, type: string) =>
      daemon.api.call('POST', path, {
        body: {},
        headers: { 'content-type': type },
        token: family.admin.access,
      })
    const answers = [
      await call('/access/check', 'application/geo+json'),
      await call('/mapdirectory/places/import', 'application/ld+json'),
      await call('/mapdirectory/places/import', 'application/geo+json; charset=utf-16'),
    ]
    expect(answers.map(({ status }) => status)).toEqual([415, 415, 415])
  })

  test.each<[string, Json]>([
    ['an altitude', feature({ geometry: { type: 'Point', coordinates: [77.5, 12.9, 914.2] } })],
    ['more numbers than three', feature({ geometry: { type: 'Point', coordinates: [77.5, 12.9, 9, 1] } })],
    ['a point among many', feature({ geometry: { type: 'MultiPoint', coordinates: [[77.5, 12.9]] } })],
    ['a bounding box', feature({ bbox: [77.5, 12.9, 0, 77.5, 12.9, 9] })],
    ['foreign members', feature({ title: 'x', geometry: { ...POINT, note: { a: [1] } } })],
    ['an id that is a number', feature({ id: 12 })],
    ['foreign properties', feature({ properties: { type: 'ev-charger', name: 'A', secret: 1, tags: null } })],
    ['null for what is not there', feature({ properties: { type: 'ev-charger', name: 'A', address: null } })],
    ['a name that is a number', feature({ properties: { type: 'ev-charger', name: 24 } })],
    ['a crs of its own', feature({ crs: null })],
  ])('%s is taken', async (_name, given) => {
    const { status, body, text } = await importOf({ features: [given] })
    expect(status, text).toBe(200)
    expect(body).toMatchObject({ skipped: 0, skip_reasons: [] })
    const place = await read(String(given['id']))
    expect(place).toMatchObject({ longitude: 77.5, latitude: 12.9, address: null })
    expect(place).not.toHaveProperty('secret')
  })

  test.each<[string, Json]>([
    ['geometry', feature({ geometry: null })],
    ['geometry', feature({ geometry: { type: 'Point', coordinates: [] } })],
    [
      'geometry',
      feature({
        geometry: {
          type: 'MultiPoint',
          coordinates: [
            [1, 2],
            [3, 4],
          ],
        },
      }),
    ],
    [
      'geometry',
      feature({
        geometry: {
          type: 'Polygon',
          coordinates: [
            [
              [0, 0],
              [1, 0],
              [1, 1],
              [0, 0],
            ],
          ],
        },
      }),
    ],
    ['geometry', feature({ geometry: { type: 'GeometryCollection', geometries: [POINT] } })],
    ['type', feature({ properties: null })],
    ['type', feature({ properties: { type: 'ev-chager', name: 'A' } })],
    ['type', feature({ properties: { amenity: 'parking', name: 'A' } })],
    ['id', feature({ id: undefined })],
    ['id', feature({ id: '../x' })],
    ['id', feature({ id: '..' })],
    ['id', feature({ id: 2 ** 53 })],
    ['id', feature({ id: 'x'.repeat(129) })],
    ['name', feature({ properties: { type: 'ev-charger' } })],
    ['name', feature({ properties: { type: 'ev-charger', name: 'x'.repeat(201) } })],
    ['address', feature({ properties: { type: 'ev-charger', name: 'A', address: 'x'.repeat(501) } })],
    ['operator', feature({ properties: { type: 'ev-charger', name: 'A', operator: 'x'.repeat(201) } })],
  ])('what cannot be a place is skipped and counted for its %s: %j', async (reason, given) => {
    const { status, body, text } = await importOf({ features: [feature({ id: 'good' }), given] })
    expect(status, text).toBe(200)
    expect(body).toMatchObject({ skipped: 1, skip_reasons: [{ reason, count: 1, first_index: 1 }] })
    expect(Number(body['created']) + Number(body['unchanged'])).toBe(1)
  })

  test('a file without any place changes nothing and says so', async () => {
    const { status, body } = await importOf({ features: [feature({ geometry: null })] })
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { created: 0, updated: 0, unchanged: 0, skipped: 1 },
    })
  })

  test.each([
    'urn:ogc:def:crs:OGC:1.3:CRS84',
    'urn:ogc:def:crs:OGC::CRS84',
    'OGC:CRS84',
    'http://www.opengis.net/def/crs/OGC/1.3/CRS84',
    'urn:ogc:def:crs:EPSG::4326',
    'urn:ogc:def:crs:EPSG::4979',
    'urn:ogc:def:crs:EPSG:9.9:4326',
    'EPSG:4326',
    'http://www.opengis.net/def/crs/EPSG/0/4326',
  ])('the crs %s means WGS 84', async (name) => {
    const { status, text } = await importOf({
      features: [feature()],
      crs: { type: 'name', properties: { name } },
    })
    expect(status, text).toBe(200)
  })

  test.each<[string, Json, string]>([
    [
      'EPSG:3857',
      { crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3857' } }, features: [feature()] },
      '/crs',
    ],
    [
      'EPSG:14326',
      { crs: { type: 'name', properties: { name: 'EPSG:14326' } }, features: [feature()] },
      '/crs',
    ],
    [
      'a linked one',
      { crs: { type: 'link', properties: { href: 'http://x/4326' } }, features: [feature()] },
      '/crs',
    ],
    [
      'one of a feature',
      { features: [feature({ crs: { type: 'name', properties: { name: 'EPSG:32643' } } })] },
      '/features/0/crs',
    ],
    [
      'one of a geometry',
      { features: [feature({ geometry: { ...POINT, crs: { type: 'EPSG', properties: { code: 3857 } } } })] },
      '/features/0/geometry/crs',
    ],
  ])('a foreign crs is refused with the way to convert the file: %s', async (_name, collection, pointer) => {
    const { status, body } = await importOf(collection)
    expect(status).toBe(400)
    expect(body['errors']).toEqual([
      { pointer, code: 'crs', detail: expect.stringContaining('ogr2ogr -t_srs EPSG:4326') },
    ])
  })

  test('coordinates in metres are refused, and what they should be is said', async () => {
    const geometry = { type: 'Point', coordinates: [8628000.5, 1452000.1] }
    const { status, body } = await importOf({ features: [feature(), feature({ id: 'b', geometry })] })
    expect(status).toBe(400)
    expect(body['errors']).toMatchObject([
      { pointer: '/features/1/geometry/coordinates', detail: expect.stringContaining('longitude first') },
    ])
  })

  const sample = (name: string): Json => JSON.parse(readSource(`examples/places/${name}.geojson`)) as Json

  test('an export of OpenStreetMap: nodes, centres of ways and tags kept apart are places', async () => {
    const { body } = await importOf(sample('openstreetmap'))
    expect(body).toMatchObject({
      created: 4,
      skipped: 3,
      skip_reasons: [
        { reason: 'name', count: 1, first_index: 2 },
        { reason: 'type', count: 1, first_index: 3 },
        { reason: 'geometry', count: 1, first_index: 4 },
      ],
    })
    expect(await read('node-9900000001')).toMatchObject({
      type: 'ev-charger',
      name: 'Jayanagar Metro Charging',
      address: '22 30th Cross Road, Bengaluru 560011',
      operator: 'Voltaara',
    })
    expect(await read('node-9900000002')).toMatchObject({ name: 'Chargewell', operator: 'Chargewell' })
    expect(await read('way-880000002')).toMatchObject({ longitude: 77.5561, latitude: 13.0214 })
    expect(await read('node-9900000005')).toMatchObject({ name: 'Lake View Chargers', operator: 'Voltaara' })
  })

  test('an export of ogr2ogr and QGIS: crs, bbox, altitudes, points that are many', async () => {
    const { body } = await importOf(sample('ogr2ogr'))
    expect(body).toMatchObject({
      created: 2,
      skipped: 4,
      skip_reasons: [
        { reason: 'geometry', count: 2, first_index: 2 },
        { reason: 'type', count: 1, first_index: 4 },
        { reason: 'id', count: 1, first_index: 5 },
      ],
    })
    expect(await read('101')).toMatchObject({
      longitude: Number('77.610132482310341'),
      operator: 'Swapnagar',
    })
    expect(await read('102')).toMatchObject({ type: 'swap-station', latitude: 13.0238, operator: null })
    expect((await importOf(sample('ogr2ogr'))).body).toMatchObject({ created: 0, unchanged: 2, skipped: 4 })
  })

  test.each([
    'near=77.50000000000000012,12.90000000000000036',
    'near=77.5,+12.9',
    'near=77.5,%20%2B12.9',
    'near=%2B77.5,12.9',
    'near=7.75e1,1.29E%2B1',
    'near=77.5,12.9000',
    'bbox=77.4,%2012.8,%2077.6,%2013',
    'bbox=-0.0,-9.313225746154785e-10,78.,13',
  ])('coordinates as browsers and people write them: ?%s', async (query) => {
    await importOf({ features: [feature()] })
    const { status, body, text } = await daemon.api.get(`/mapdirectory/places?${query}`, family.admin.access)
    expect(status, text).toBe(200)
    expect((body['items'] as unknown as Json[]).map(({ id }) => id)).toContain('a')
  })

  test.each([
    ['near=12.9,177.5', 'Use longitude,latitude in degrees: these look the other way round.'],
    ['near=200,100', 'Use longitude,latitude in degrees.'],
    ['near=1e99,1', 'Use longitude,latitude in degrees.'],
  ])('?%s says what is wrong', async (query, detail) => {
    const { status, body } = await daemon.api.get(`/mapdirectory/places?${query}`, family.admin.access)
    expect({ status, errors: body['errors'] }).toMatchObject({
      status: 400,
      errors: [{ pointer: '/query/near', detail }],
    })
  })
})
