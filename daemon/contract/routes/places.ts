import { Type, type Static } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor, nullable, oneOf, PageLimit, pageOf, Timestamp } from '../schema.ts'

/** What a place can be. */
export const PLACE_TYPES = ['ev-charger', 'swap-station'] as const

const placeId = Type.String({ pattern: '^[A-Za-z0-9._~-]{1,128}$' })

/** One EV charger or battery swap station. */
export const Place = closed(
  {
    id: placeId,
    type: oneOf(PLACE_TYPES),
    name: Type.String(),
    longitude: Type.Number(),
    latitude: Type.Number(),
    address: nullable<string>({ type: 'string' }),
    operator: nullable<string>({ type: 'string' }),
    updated_at: Timestamp,
    distance_m: Type.Optional(
      Type.Number({ description: 'Metres from `near`, on the sphere; only in answers to `near`' }),
    ),
  },
  { title: 'Place' },
)

const Feature = closed(
  {
    type: Type.Literal('Feature'),
    id: placeId,
    geometry: closed({
      type: Type.Literal('Point'),
      coordinates: Type.Unsafe<[number, number]>({
        type: 'array',
        prefixItems: [
          { type: 'number', minimum: -180, maximum: 180 },
          { type: 'number', minimum: -90, maximum: 90 },
        ],
        minItems: 2,
        maxItems: 2,
        items: false,
        description: '[longitude, latitude], WGS 84',
      }),
    }),
    properties: closed({
      type: oneOf(PLACE_TYPES),
      name: Type.String({ minLength: 1, maxLength: 200 }),
      address: Type.Optional(Type.String({ maxLength: 500 })),
      operator: Type.Optional(Type.String({ maxLength: 200 })),
    }),
  },
  { title: 'PlaceFeature' },
)

/** One GeoJSON feature of an import. */
export type PlaceFeature = Static<typeof Feature>

/** Features of one import call; larger files are sent in several calls. */
export const MAX_IMPORT_FEATURES = 2000

/** `POST /mapdirectory/places/import`. */
export const importPlaces = route({
  operationId: 'places.import',
  method: 'POST',
  path: '/mapdirectory/places/import',
  tag: 'Places',
  summary: 'Import places from GeoJSON (RFC 7946)',
  description: `A FeatureCollection of points, at most ${MAX_IMPORT_FEATURES} a call. Places are matched by feature id: new ones are created, changed ones replaced, the rest left alone; nothing is deleted. One call is atomic.`,
  auth: 'access',
  action: 'places:Write',
  resource: 'place/all',
  maxBodyBytes: 2 * 1024 * 1024,
  maxBodyKeys: 40_000,
  idempotent: true,
  body: closed(
    {
      type: Type.Literal('FeatureCollection'),
      features: Type.Array(Feature, { minItems: 1, maxItems: MAX_IMPORT_FEATURES }),
    },
    { title: 'PlaceCollection' },
  ),
  responses: {
    200: {
      description: 'What changed',
      schema: closed(
        {
          detail: Type.String(),
          created: Type.Integer(),
          updated: Type.Integer(),
          unchanged: Type.Integer(),
        },
        { title: 'PlacesImported' },
      ),
    },
  },
  errors: [],
})

/** `GET /mapdirectory/places/all`. */
export const allPlaces = route({
  operationId: 'places.all',
  method: 'GET',
  path: '/mapdirectory/places/all',
  tag: 'Places',
  summary: 'Every place, streamed',
  description: 'Has an `ETag`; with `If-None-Match` an unchanged directory answers 304.',
  auth: 'access',
  action: 'places:List',
  resource: 'place/all',
  responses: {
    200: {
      description: 'All data fetched',
      streamed: true,
      schema: closed({ detail: Type.String(), places: Type.Array(Place) }, { title: 'AllPlaces' }),
    },
    304: { description: 'Unchanged' },
  },
  errors: [],
})

const NUMBER = '-?[0-9]{1,3}(?:\\.[0-9]{1,10})?'

/** `GET /mapdirectory/places`. */
export const listPlaces = route({
  operationId: 'places.list',
  method: 'GET',
  path: '/mapdirectory/places',
  tag: 'Places',
  summary: 'Places in a box or near a point',
  description: 'Without `near`, ordered by id; with `near`, nearest first.',
  auth: 'access',
  action: 'places:List',
  resource: 'place/all',
  query: closed(
    {
      bbox: Type.Optional(
        Type.String({
          pattern: `^${NUMBER},${NUMBER},${NUMBER},${NUMBER}$`,
          description:
            '`minLon,minLat,maxLon,maxLat` (RFC 7946 section 5; minLon > maxLon crosses the antimeridian)',
          examples: ['77.4,12.8,77.8,13.2'],
        }),
      ),
      near: Type.Optional(
        Type.String({
          pattern: `^${NUMBER},${NUMBER}$`,
          description: '`longitude,latitude`',
          examples: ['77.5946,12.9716'],
        }),
      ),
      radius: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 200_000, description: 'Metres around `near`; default 5000' }),
      ),
      type: Type.Optional(oneOf(PLACE_TYPES)),
      limit: Type.Optional(PageLimit),
      cursor: Type.Optional(Cursor),
    },
    {
      dependentRequired: { radius: ['near'] },
      not: {
        required: ['bbox', 'near'],
        description: 'Search in a box or near a point: send bbox or near, not both.',
      },
    },
  ),
  responses: { 200: { description: 'One page', schema: pageOf(Place, 'PlacePage') } },
  errors: [],
})

/** `GET /mapdirectory/places/{id}`. */
export const getPlace = route({
  operationId: 'places.get',
  method: 'GET',
  path: '/mapdirectory/places/{id}',
  tag: 'Places',
  summary: 'Read one place',
  auth: 'access',
  action: 'places:List',
  resource: 'place/{id}',
  params: closed({ id: placeId }),
  responses: { 200: { description: 'The place', schema: Place } },
  errors: ['not_found'],
})
