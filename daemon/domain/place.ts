/** What a place offers. */
export type PlaceKind = 'ev-charger' | 'swap-station'

/** A place of the directory. */
export interface Place {
  readonly id: string
  readonly type: PlaceKind
  readonly name: string
  /** Degrees, WGS 84. */
  readonly longitude: number
  readonly latitude: number
  readonly address: string | null
  readonly operator: string | null
  readonly updatedAt: number
}

/** minLon > maxLon crosses the antimeridian (RFC 7946 section 5.2). */
export interface Box {
  readonly minLongitude: number
  readonly minLatitude: number
  readonly maxLongitude: number
  readonly maxLatitude: number
}

const EARTH_RADIUS_METRES = 6_371_008.8
const radians = (degrees: number): number => (degrees * Math.PI) / 180

type Point = Pick<Place, 'longitude' | 'latitude'>

/** Great-circle distance in metres (haversine, mean Earth radius). */
export const distanceMetres = (a: Point, b: Point): number => {
  const dLat = radians(b.latitude - a.latitude)
  const dLon = radians(b.longitude - a.longitude)
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_RADIUS_METRES * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** A box that contains every point within `radius` metres of `centre`. */
export const boxAround = (centre: Point, radius: number): Box => {
  const dLat = (radius / EARTH_RADIUS_METRES) * (180 / Math.PI)
  const minLatitude = Math.max(-90, centre.latitude - dLat)
  const maxLatitude = Math.min(90, centre.latitude + dLat)
  const cosine = Math.min(Math.cos(radians(minLatitude)), Math.cos(radians(maxLatitude)))
  const dLon = cosine < 1e-6 ? 180 : Math.min(180, dLat / cosine)
  if (dLon >= 180) return { minLongitude: -180, maxLongitude: 180, minLatitude, maxLatitude }
  const wrap = (longitude: number): number => ((longitude + 540) % 360) - 180
  return {
    minLongitude: wrap(centre.longitude - dLon),
    maxLongitude: wrap(centre.longitude + dLon),
    minLatitude,
    maxLatitude,
  }
}

/** A text that two states of a place have in common only if they are the same in everything. */
export const placeText = ({
  id,
  type,
  name,
  longitude,
  latitude,
  address,
  operator,
  updatedAt,
}: Place): string => JSON.stringify([id, type, name, longitude, latitude, address, operator, updatedAt])

/** Whether what is there is what was expected; undefined is nothing. */
export const isJustPlace = (present: Place | undefined, expected: Place | undefined): boolean =>
  present === undefined || expected === undefined
    ? present === expected
    : placeText(present) === placeText(expected)

/** Whether two places with one id say the same; when it was said is not looked at. */
export const isSamePlace = (
  a: Omit<Place, 'id' | 'updatedAt'>,
  b: Omit<Place, 'id' | 'updatedAt'>,
): boolean =>
  a.type === b.type &&
  a.name === b.name &&
  a.longitude === b.longitude &&
  a.latitude === b.latitude &&
  a.address === b.address &&
  a.operator === b.operator
