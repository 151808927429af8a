import { Type } from 'typebox'
import { route } from '../route.ts'
import { closed, Cursor, Detail, nullable, oneOf, PageLimit, pageOf, Timestamp } from '../schema.ts'

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
    hash: Type.Optional(
      Type.String({
        description: 'What `If-Match` takes; only in answers about one place, whose `ETag` it is',
      }),
    ),
    distance_m: Type.Optional(
      Type.Number({ description: 'Metres from `near`, on the sphere; only in answers to `near`' }),
    ),
  },
  { title: 'Place' },
)

const anyMembers = (description: string) =>
  Type.Unsafe<Record<string, unknown> | null>({ type: ['object', 'null'], description })

const BoundingBox = Type.Array(Type.Number(), { description: 'Passed over' })

/** Open, as GeoJSON is: what the domain does not know it passes over. */
const Feature = Type.Object(
  {
    type: Type.Literal('Feature'),
    id: Type.Optional(
      Type.Unsafe<string | number>({
        type: ['string', 'number'],
        description:
          'What the place is known by: 1 to 128 letters, digits, `.`, `_`, `~` and `-`. `node/1` of OpenStreetMap becomes `node-1`. Without one, the property `@id`, `id` or `osm_id`',
      }),
    ),
    bbox: Type.Optional(BoundingBox),
    geometry: Type.Optional(
      Type.Unsafe<Record<string, unknown> | null>({
        type: ['object', 'null'],
        properties: {
          type: { type: 'string' },
          coordinates: {
            type: 'array',
            items: true,
            description: '[longitude, latitude], WGS 84; an altitude is passed over',
          },
        },
        required: ['type'],
        description: 'A `Point`, or a `MultiPoint` of one; features with any other are skipped',
      }),
    ),
    properties: Type.Optional(
      anyMembers(
        '`type` (`ev-charger` or `swap-station`; or `amenity` = `charging_station`), `name` (at most 200 characters; or `operator`), and if there are any `address` (500; or the `addr:` tags of OpenStreetMap) and `operator` (200; or `network`, `brand`). Others are passed over',
      ),
    ),
  },
  { title: 'PlaceFeature' },
)

const SkipReason = closed(
  {
    reason: oneOf(['id', 'geometry', 'type', 'name', 'address', 'operator'], {
      description:
        'What cannot be that of a place: `id` missing or of other characters, `geometry` null, empty or not one point, `type` neither of the two, `name` missing, or a text too long',
    }),
    count: Type.Integer({ description: 'How many features were skipped for it' }),
    first_index: Type.Integer({ description: 'The first of them in `features`, counted from 0' }),
  },
  { title: 'SkipReason' },
)

const onePlace = closed({ id: placeId })

/** `POST /mapdirectory/places`. */
export const createPlace = route({
  operationId: 'places.create',
  method: 'POST',
  path: '/mapdirectory/places',
  tag: 'Places',
  summary: 'Add a place from a GeoJSON feature',
  description: 'Read as a feature of an import is; without an id it gets one.',
  auth: 'access',
  action: 'places:Write',
  resource: 'place/all',
  bodyTypes: ['application/geo+json'],
  idempotent: true,
  body: Feature,
  responses: { 201: { description: 'The place', schema: Place } },
  errors: ['place_exists'],
})

/** `PUT /mapdirectory/places/{id}`. */
export const putPlace = route({
  operationId: 'places.put',
  method: 'PUT',
  path: '/mapdirectory/places/{id}',
  tag: 'Places',
  summary: 'Add or replace a place from a GeoJSON feature',
  description: 'Read as a feature of an import is. An id in the feature must be that of the path.',
  auth: 'access',
  action: 'places:Write',
  resource: 'place/{id}',
  bodyTypes: ['application/geo+json'],
  params: onePlace,
  body: Feature,
  precondition: true,
  responses: {
    200: { description: 'Replaced, or the same already', schema: Place },
    201: { description: 'Created', schema: Place },
  },
  errors: [],
})

/** `DELETE /mapdirectory/places/{id}`. */
export const deletePlace = route({
  operationId: 'places.delete',
  method: 'DELETE',
  path: '/mapdirectory/places/{id}',
  tag: 'Places',
  summary: 'Take a place away',
  auth: 'access',
  action: 'places:Write',
  resource: 'place/{id}',
  params: onePlace,
  precondition: true,
  responses: { 200: { description: 'Deleted', schema: Detail } },
  errors: ['not_found'],
})

/** Features of one import call; larger files are sent in several calls. */
export const MAX_IMPORT_FEATURES = 2000

/** `POST /mapdirectory/places/import`. */
export const importPlaces = route({
  operationId: 'places.import',
  method: 'POST',
  path: '/mapdirectory/places/import',
  tag: 'Places',
  summary: 'Import places from GeoJSON (RFC 7946)',
  description: `A FeatureCollection as OpenStreetMap, GDAL and QGIS export it, at most ${MAX_IMPORT_FEATURES} features a call. Places are matched by feature id: new ones are created, changed ones replaced, the rest left alone; nothing is deleted. Features that cannot be a place are skipped and counted. What is not GeoJSON, a \`crs\` other than WGS 84 and coordinates out of range refuse the whole call: one call is atomic.`,
  auth: 'access',
  action: 'places:Write',
  resource: 'place/all',
  bodyTypes: ['application/geo+json'],
  maxBodyBytes: 2 * 1024 * 1024,
  // Exports carry many tags, and areas many positions.
  maxBodyKeys: 300_000,
  idempotent: true,
  body: Type.Object(
    {
      type: Type.Literal('FeatureCollection'),
      bbox: Type.Optional(BoundingBox),
      crs: Type.Optional(
        anyMembers(
          'From GeoJSON 2008: accepted only if it names WGS 84, such as `urn:ogc:def:crs:OGC:1.3:CRS84`',
        ),
      ),
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
          skipped: Type.Integer({ description: 'Features that cannot be a place' }),
          skip_reasons: Type.Array(SkipReason),
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

// As browsers and people write them: many digits, exponents, a plus that a query turns into a space.
const NUMBER = ' {0,4}[-+]?[0-9]{1,3}(?:\\.[0-9]{0,24})?(?:[eE][-+]?[0-9]{1,3})? {0,4}'

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
          description:
            '`longitude,latitude`: longitude first, as in GeoJSON, and unlike most maps and `GeolocationCoordinates`',
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
  params: onePlace,
  responses: { 200: { description: 'The place', schema: Place } },
  errors: ['not_found'],
})
