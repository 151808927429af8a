import { Place as PlaceSchema } from '../../contract/routes/places.ts'
import type { Routes } from '../../contract/routes.ts'
import { Failure } from '../../domain/failure.ts'
import { readPlace, readPlaces } from '../../domain/geojson.ts'
import type { Box, Place } from '../../domain/place.ts'
import { namesTag } from '../../domain/precondition.ts'
import type { Deps } from '../../usecases/deps.ts'
import { createPlaces, type TaggedPlace } from '../../usecases/places.ts'
import { decodeCursor, encodeCursor } from '../cursor.ts'
import { entityTag, type Handlers, type Reply } from '../reply.ts'
import { filterReply } from '../validate.ts'
import { toPlace } from '../views.ts'

const DEFAULT_RADIUS_METRES = 5000

const refuse = (name: string, detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer: `/query/${name}`, code: 'range', detail }] })
}

const isLongitude = (value: number): boolean => value >= -180 && value <= 180
const isLatitude = (value: number): boolean => value >= -90 && value <= 90

const readBox = (text: string | undefined): Box | undefined => {
  if (text === undefined) return undefined
  const [minLongitude = 0, minLatitude = 0, maxLongitude = 0, maxLatitude = 0] = text.split(',').map(Number)
  const fits = [minLongitude, maxLongitude].every(isLongitude) && [minLatitude, maxLatitude].every(isLatitude)
  if (!fits || minLatitude > maxLatitude) refuse('bbox', 'Use minLon,minLat,maxLon,maxLat in degrees.')
  return { minLongitude, minLatitude, maxLongitude, maxLatitude }
}

const readPoint = (text: string | undefined, radiusMetres = DEFAULT_RADIUS_METRES) => {
  if (text === undefined) return undefined
  const [longitude = 0, latitude = 0] = text.split(',').map(Number)
  if (!isLongitude(longitude) || !isLatitude(latitude)) {
    const isSwapped = isLongitude(latitude) && isLatitude(longitude)
    refuse('near', `Use longitude,latitude in degrees${isSwapped ? ': these look the other way round' : ''}.`)
  }
  return { longitude, latitude, radiusMetres }
}

async function* allAsJson(pages: AsyncGenerator<Place[]>): AsyncGenerator<string> {
  yield '{"detail":"All data fetched","places":['
  let separator = ''
  for await (const page of pages) {
    yield separator + page.map((place) => JSON.stringify(filterReply(PlaceSchema, toPlace(place)))).join(',')
    separator = ','
  }
  yield ']}'
}

const placeReply = (status: 200 | 201, { place, hash }: TaggedPlace): Reply => ({
  status,
  body: { ...toPlace(place), hash },
  headers: entityTag(hash),
})

/** What is put under an id says no other. */
const readPlaceOf = (id: string, feature: object): ReturnType<typeof readPlace> => {
  const fields = readPlace(feature, id)
  if (fields.id === id) return fields
  const detail = 'The feature has another id than the path.'
  throw new Failure('invalid_request', { errors: [{ pointer: '/id', code: 'id', detail }] })
}

/** The handlers of the places directory. */
export const createPlaceHandlers = (deps: Deps) => {
  const places = createPlaces(deps)

  return {
    'places.import': async ({ caller, body, origin }) => {
      const { places: read, skipped } = readPlaces(body)
      const counts = await places.importMany({ principal: caller, places: read, origin })
      return {
        status: 200,
        body: {
          detail: 'Places imported',
          ...counts,
          skipped: body.features.length - read.length,
          skip_reasons: skipped.map(({ firstIndex, ...rest }) => ({ ...rest, first_index: firstIndex })),
        },
      }
    },

    'places.all': async ({ precondition: { ifNoneMatch } }) => {
      const { revision, pages } = await places.readAll()
      const tag = `places-${revision}`
      const headers = { ETag: `"${tag}"`, 'Cache-Control': 'private, no-cache' }
      if (ifNoneMatch !== undefined && namesTag(ifNoneMatch, tag)) return { status: 304, headers }
      return { status: 200, headers, stream: allAsJson(pages()) }
    },

    'places.list': async ({ query }) => {
      const near = readPoint(query.near, query.radius)
      const box = readBox(query.bbox)
      const position =
        near === undefined
          ? decodeCursor(query.cursor, 'string')
          : decodeCursor(query.cursor, 'string', 'number')
      const { items, hasMore } = await places.list({
        box,
        near,
        type: query.type,
        limit: query.limit ?? 50,
        after: position && { id: position[0], distanceMetres: position[1] },
      })
      const last = items.at(-1)
      const end = last && (last.distanceMetres === undefined ? [last.id] : [last.id, last.distanceMetres])
      return {
        status: 200,
        body: { items: items.map(toPlace), next_cursor: hasMore && end ? encodeCursor(end) : null },
      }
    },

    'places.get': async ({ params }) => placeReply(200, await places.get(params.id)),

    'places.create': async ({ caller, body, origin }) => {
      const fields = readPlace(body, `plc_${deps.random.id()}`)
      return placeReply(201, await places.create({ principal: caller, fields, origin }))
    },

    'places.put': async ({ caller, params, body, precondition, origin }) => {
      const fields = readPlaceOf(params.id, body)
      const put = await places.put({ principal: caller, fields, precondition, origin })
      return placeReply(put.created ? 201 : 200, put)
    },

    'places.delete': async ({ caller, params, precondition, origin }) => {
      await places.remove({ principal: caller, id: params.id, precondition, origin })
      return { status: 200, body: { detail: 'Place deleted' } }
    },
  } satisfies Partial<Handlers<Routes>>
}
