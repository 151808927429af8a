import type { SkipReason } from '@authctl/sdk'
import { localProblem } from '../problem.ts'

/** A FeatureCollection as far as the command line looks into it: the daemon checks each feature. */
export interface FeatureCollection {
  readonly features: readonly unknown[]
  /** What must go with every part of it: a `crs`, which the daemon judges. */
  readonly frame: { readonly crs?: Record<string, unknown> | null }
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
    'It must be a GeoJSON FeatureCollection (RFC 7946), as in examples/places.',
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
  const { type, features, crs } = (value ?? {}) as { type?: unknown; features?: unknown; crs?: unknown }
  if (type !== 'FeatureCollection')
    return refuse(
      name,
      `is ${typeof type === 'string' ? `a ${type}` : 'not GeoJSON'}, not a FeatureCollection`,
    )
  if (!Array.isArray(features)) return refuse(name, 'has no list of features')
  const frame = crs === undefined ? {} : { crs: crs as Record<string, unknown> | null }
  return { features, frame }
}

/** The features in groups that one call can take: at most 1000, and not too many bytes. No group is empty. */
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
  if (chunk.length > 0) yield { offset: features.length - chunk.length, features: chunk }
}

/** A pointer into a chunk as a pointer into the file, so that the reader finds the feature. */
export const pointIntoFile = (pointer: string, offset: number): string =>
  pointer.replace(/^\/features\/(\d+)/, (_, index: string) => `/features/${Number(index) + offset}`)

/** What came of an import, over all its calls. */
export interface Totals {
  readonly created: number
  readonly updated: number
  readonly unchanged: number
  readonly skipped: number
  /** With the indexes of the whole file. */
  readonly skip_reasons: readonly SkipReason[]
}

/** The totals before the first call. */
export const NOTHING: Totals = { created: 0, updated: 0, unchanged: 0, skipped: 0, skip_reasons: [] }

/** The totals with what one more call did, whose first feature had `offset` before it. */
export const addUp = (totals: Totals, done: Totals, offset: number): Totals => {
  const reasons = new Map(totals.skip_reasons.map((skip) => [skip.reason, skip]))
  for (const skip of done.skip_reasons) {
    const known = reasons.get(skip.reason)
    reasons.set(
      skip.reason,
      known === undefined
        ? { ...skip, first_index: skip.first_index + offset }
        : { ...known, count: known.count + skip.count },
    )
  }
  return {
    created: totals.created + done.created,
    updated: totals.updated + done.updated,
    unchanged: totals.unchanged + done.unchanged,
    skipped: totals.skipped + done.skipped,
    skip_reasons: [...reasons.values()],
  }
}

const WORDS: Readonly<Record<SkipReason['reason'], string>> = {
  id: 'no id, or one with other characters than letters, digits, . _ ~ -',
  geometry: 'not one point',
  type: 'neither ev-charger nor swap-station',
  name: 'no name, or one that is too long',
  address: 'the address is too long',
  operator: 'the operator is too long',
}

/** Why features were skipped, a line for each reason; undefined if none was. */
export const describeSkipped = ({ skipped, skip_reasons }: Totals): string | undefined =>
  skipped === 0
    ? undefined
    : skip_reasons
        .map(
          ({ reason, count, first_index }) =>
            `Skipped ${count}: ${WORDS[reason]}${count === 1 ? ` (/features/${first_index})` : ` (the first is /features/${first_index})`}.`,
        )
        .join('\n')
