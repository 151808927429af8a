import type { Place, PlaceFeature } from '@authctl/sdk'
import { option, string } from '@oclif/core/flags'
import { usageProblem } from '../problem.ts'

/** What of a place can be typed; null takes a text away. */
export interface PlaceFields {
  readonly type?: Place['type'] | undefined
  readonly name?: string | undefined
  readonly longitude?: number | undefined
  readonly latitude?: number | undefined
  readonly address?: string | null | undefined
  readonly operator?: string | null | undefined
}

/** What a place can be. */
export const PLACE_TYPES = ['ev-charger', 'swap-station'] as const

/** The flags that say what a place is. */
export const PLACE_FLAGS = {
  type: option({ options: PLACE_TYPES, summary: 'What it is' })(),
  name: string({ summary: 'What it is called' }),
  at: string({
    helpValue: 'LON,LAT',
    summary: 'Where it is: degrees, longitude first, unlike most maps',
  }),
  address: string({ summary: 'Its address' }),
  operator: string({ summary: 'Who runs it' }),
}

const readPosition = (at: string | undefined): Pick<PlaceFields, 'longitude' | 'latitude'> => {
  if (at === undefined) return {}
  const numbers = at.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
  const [longitude, latitude] = numbers
  if (numbers.length !== 2 || longitude === undefined || latitude === undefined || numbers.some(Number.isNaN))
    throw usageProblem('--at must be two numbers', 'For example: --at 77.5946,12.9716')
  return { longitude, latitude }
}

/** What the flags say; a text that is empty is taken away. Throws `Problem` `usage`. */
export const readFields = ({
  at,
  address,
  operator,
  ...rest
}: {
  readonly [Name in keyof typeof PLACE_FLAGS]: string | undefined
} & Pick<PlaceFields, 'type'>): PlaceFields => ({
  ...rest,
  ...readPosition(at),
  ...(address === undefined ? {} : { address: address || null }),
  ...(operator === undefined ? {} : { operator: operator || null }),
})

/** The feature that an import takes back as just this place. */
export const toFeature = ({
  id,
  longitude,
  latitude,
  type,
  name,
  address,
  operator,
}: PlaceFields & { readonly id?: string | undefined }): PlaceFeature => ({
  type: 'Feature',
  ...(id === undefined ? {} : { id }),
  geometry: { type: 'Point', coordinates: [longitude, latitude] },
  properties: {
    type,
    name,
    ...(typeof address === 'string' ? { address } : {}),
    ...(typeof operator === 'string' ? { operator } : {}),
  },
})

/** Those of a file as text: a line for each place, so that two exports can be compared line by line. */
export const collectionText = (places: readonly Place[]): string =>
  places.length === 0
    ? '{"type":"FeatureCollection","features":[]}'
    : `{"type":"FeatureCollection","features":[\n${places.map((place) => JSON.stringify(toFeature(place))).join(',\n')}\n]}`
