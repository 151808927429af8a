import { localProblem } from '../problem.ts'

/** A FeatureCollection as far as the command line looks into it: the daemon checks each feature. */
export interface FeatureCollection {
  readonly features: readonly unknown[]
}

/** The features of one call, and how many came before them in the file. */
export interface Chunk {
  readonly offset: number
  readonly features: readonly unknown[]
}

const MAX_FEATURES = 1000
// Below the 2 MiB that the daemon reads, with room for the frame.
const MAX_BYTES = 1_900_000

const refuse = (name: string, why: string): never => {
  throw localProblem(
    'invalid_geojson',
    `${name} ${why}`,
    'It must be a GeoJSON FeatureCollection of points (RFC 7946), as in examples/places.',
  )
}

/** Reads GeoJSON text; `name` names its source in errors. Throws `Problem` `invalid_geojson`. */
export const parseCollection = (text: string, name: string): FeatureCollection => {
  let value: unknown
  try {
    // A byte order mark is common in exported files and no part of JSON.
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    return refuse(name, `is not JSON: ${(error as Error).message}`)
  }
  const { type, features } = (value ?? {}) as { type?: unknown; features?: unknown }
  if (type !== 'FeatureCollection')
    return refuse(
      name,
      `is ${typeof type === 'string' ? `a ${type}` : 'not GeoJSON'}, not a FeatureCollection`,
    )
  if (!Array.isArray(features)) return refuse(name, 'has no list of features')
  return features.length === 0 ? refuse(name, 'has no features') : { features }
}

/** The features in groups that one call can take: at most 1000, and not too many bytes. */
export function* chunksOf(features: readonly unknown[]): Generator<Chunk> {
  let chunk: unknown[] = []
  let bytes = 0
  for (const [index, feature] of features.entries()) {
    const size = Buffer.byteLength(JSON.stringify(feature)) + 1
    if (chunk.length === MAX_FEATURES || (chunk.length > 0 && bytes + size > MAX_BYTES)) {
      yield { offset: index - chunk.length, features: chunk }
      chunk = []
      bytes = 0
    }
    chunk.push(feature)
    bytes += size
  }
  yield { offset: features.length - chunk.length, features: chunk }
}

/** A pointer into a chunk as a pointer into the file, so that the reader finds the feature. */
export const pointIntoFile = (pointer: string, offset: number): string =>
  pointer.replace(/^\/features\/(\d+)/, (_, index: string) => `/features/${Number(index) + offset}`)
