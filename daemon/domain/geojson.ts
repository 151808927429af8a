import { Failure } from './failure.ts'
import type { Place, PlaceKind } from './place.ts'

/** What of a feature cannot be that of a place. */
export const SKIP_REASONS = ['id', 'geometry', 'type', 'name', 'address', 'operator'] as const
/** What of a feature cannot be that of a place. */
export type SkipReason = (typeof SKIP_REASONS)[number]

/** How many features were passed over for one reason, and which was the first, counted from 0. */
export interface Skipped {
  readonly reason: SkipReason
  readonly count: number
  readonly firstIndex: number
}

type Members = Readonly<Record<string, unknown>>
type NewPlace = Omit<Place, 'updatedAt'>

const membersOf = (value: unknown): Members =>
  (typeof value === 'object' && value !== null ? value : {}) as Members

const refuse = (pointer: string, code: string, detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer, code, detail }] })
}

/** The names of WGS 84, also with heights, as GDAL, QGIS and their like write them. */
const WGS84 = /(?:CRS:?84h?|EPSG:+(?:[\d.]*:)?(?:4326|4979)|EPSG\/0\/(?:4326|4979))$/i

/**
 * The `crs` of GeoJSON 2008, which GDAL and QGIS still write: refused unless it means what RFC 7946 section 4
 * says anyway. One that is null says nothing.
 */
const requireWgs84 = (object: Members, pointer: string): void => {
  const { crs } = object
  if (crs === undefined || crs === null) return
  const { name, code } = membersOf(membersOf(crs)['properties'])
  if (WGS84.test(typeof name === 'string' ? name : `EPSG:${String(code)}`)) return
  refuse(
    `${pointer}/crs`,
    'crs',
    'The coordinates must be in WGS 84 (EPSG:4326). Convert the file, for example with: ogr2ogr -t_srs EPSG:4326 -lco RFC7946=YES out.geojson in.geojson',
  )
}

/** The position of one point; undefined for what is valid but not one point. Throws `invalid_request`. */
const readPosition = (geometry: Members, pointer: string): [number, number] | undefined => {
  requireWgs84(geometry, pointer)
  const { type, coordinates } = geometry
  const positions =
    type === 'MultiPoint' && Array.isArray(coordinates) ? (coordinates as unknown[]) : undefined
  if (type !== 'Point' && positions?.length !== 1) return undefined
  const position: unknown = positions === undefined ? coordinates : positions[0]
  // An empty point is valid and nowhere (RFC 7946 section 3.1).
  if (Array.isArray(position) && position.length === 0) return undefined
  const [longitude, latitude] = (Array.isArray(position) ? position : []) as unknown[]
  if (typeof longitude !== 'number' || typeof latitude !== 'number')
    return refuse(`${pointer}/coordinates`, 'type', 'A point has numbers: [longitude, latitude].')
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 90)
    return refuse(
      `${pointer}/coordinates`,
      'range',
      'These are no degrees of WGS 84: [longitude, latitude], longitude first.',
    )
  return [longitude, latitude]
}

/** A path of ours, in which dots alone would lead elsewhere. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,128}$/
/** `node/123` of OpenStreetMap; a path of ours has no room for the slash. */
const OSM_ID = /^(node|way|relation)\/(\d+)$/
/** Where exporters put the id that the feature itself does not have. */
const ID_PROPERTIES = ['@id', 'id', 'osm_id'] as const

/** The tags of a feature: osmtogeojson keeps them apart unless it is told otherwise. */
const propertiesOf = (feature: Members): Members => {
  const own = membersOf(feature['properties'])
  return { ...membersOf(own['tags']), ...own }
}

/** A number that JSON has rounded is an id of another feature too: it is none of ours. */
const asIdText = (value: unknown): string | null =>
  typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER ? '' : asText(value)

/** What a feature says that its id is, in the form of ours; null if it says nothing. */
const givenId = (feature: Members): string | null => {
  const properties = propertiesOf(feature)
  const given = [feature['id'], ...ID_PROPERTIES.map((name) => properties[name])]
  return (
    given
      .map(asIdText)
      .find((text) => text !== null)
      ?.replace(OSM_ID, '$1-$2') ?? null
  )
}

const readKind = ({ type, amenity }: Members): PlaceKind | undefined => {
  if (type === 'ev-charger' || type === 'swap-station') return type
  return amenity === 'charging_station' ? 'ev-charger' : undefined
}

/** A text of a property; a number counts as one. */
const asText = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

/** The first of some properties that has a text. */
const textOf = (properties: Members, ...names: string[]): string | null =>
  names.map((name) => asText(properties[name])).find((text) => text !== null) ?? null

const readAddress = (properties: Members): string | null => {
  const whole = textOf(properties, 'address', 'addr:full')
  if (whole !== null) return whole
  const street = [textOf(properties, 'addr:housenumber'), textOf(properties, 'addr:street')]
  const town = [textOf(properties, 'addr:city'), textOf(properties, 'addr:postcode')]
  const parts = [street, town].map((words) => words.filter((word) => word !== null).join(' '))
  return parts.filter((part) => part !== '').join(', ') || null
}

const MAX_NAME = 200
const MAX_ADDRESS = 500
const isLongerThan = (max: number, text: string | null): boolean => text !== null && [...text].length > max

const readFeature = (feature: Members, pointer: string): NewPlace | SkipReason => {
  requireWgs84(feature, pointer)
  const properties = propertiesOf(feature)
  const position = readPosition(membersOf(feature['geometry']), `${pointer}/geometry`)
  const id = givenId(feature)
  const type = readKind(properties)
  const operator = textOf(properties, 'operator', 'network', 'brand')
  const name = textOf(properties, 'name', 'name:en') ?? operator
  const address = readAddress(properties)
  if (position === undefined) return 'geometry'
  if (type === undefined) return 'type'
  if (id === null || !ID.test(id)) return 'id'
  if (name === null || isLongerThan(MAX_NAME, name)) return 'name'
  if (isLongerThan(MAX_ADDRESS, address)) return 'address'
  if (isLongerThan(MAX_NAME, operator)) return 'operator'
  const [longitude, latitude] = position
  return { id, type, name, longitude, latitude, address, operator }
}

/**
 * The places of a FeatureCollection of any origin (RFC 7946): altitudes, bounding boxes and members that are
 * not ours are passed over, and a feature that cannot be a place is skipped and counted. Throws
 * `invalid_request` for what is not GeoJSON and for coordinates that are not WGS 84.
 */
export const readPlaces = (collection: {
  readonly features: readonly unknown[]
}): { places: NewPlace[]; skipped: Skipped[] } => {
  requireWgs84(collection, '')
  const places: NewPlace[] = []
  const skipped = new Map<SkipReason, Skipped>()
  for (const [index, feature] of collection.features.entries()) {
    const read = readFeature(membersOf(feature), `/features/${index}`)
    if (typeof read === 'object') {
      places.push(read)
      continue
    }
    const { count = 0, firstIndex = index } = skipped.get(read) ?? {}
    skipped.set(read, { reason: read, count: count + 1, firstIndex })
  }
  return { places, skipped: [...skipped.values()] }
}

/** What is wrong with a feature that cannot be a place, and where. */
const FAULTS: Readonly<Record<SkipReason, readonly [pointer: string, detail: string]>> = {
  id: [
    '/id',
    'An id has 1 to 128 letters, digits, ., _, ~ and -; a number beyond 2^53 is written as a text.',
  ],
  geometry: ['/geometry', 'A place is one Point.'],
  type: ['/properties/type', 'A place is an ev-charger or a swap-station.'],
  name: ['/properties/name', `A place has a name of at most ${MAX_NAME} characters.`],
  address: ['/properties/address', `An address has at most ${MAX_ADDRESS} characters.`],
  operator: ['/properties/operator', `An operator has at most ${MAX_NAME} characters.`],
}

/**
 * The one place that a feature describes, under the id that it gives, else under `id`. Throws
 * `invalid_request` for what an import would skip or refuse.
 */
export const readPlace = (feature: object, id: string): NewPlace => {
  const members = feature as Members
  const read = readFeature({ ...members, id: givenId(members) ?? id }, '')
  return typeof read === 'object' ? read : refuse(FAULTS[read][0], read, FAULTS[read][1])
}
