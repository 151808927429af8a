import { Failure } from '../domain/failure.ts'

const MAX_DEPTH = 20
/** So many values are looked at before others may be served. */
const VALUES_A_STEP = 500

/** Whether it is no number that can be written: `1e999` is read as such a one. */
export const isEndless = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value)

/** An escape such as \ud800 alone is no character: stores and digests would fold it into another. */
const requireText = (values: readonly unknown[]): void => {
  if (!values.every((value) => typeof value !== 'string' || value.isWellFormed()))
    throw new Failure('invalid_json', { detail: 'A text of the body holds half of a surrogate pair.' })
}

/**
 * Refuses bodies that are nested too deeply, hold too many keys, or hold what is no text or no number, before
 * any schema looks at them (H2). It stops where others may be served.
 */
export function* shapeInSteps(root: unknown, maxKeys: number): Generator<undefined, undefined, undefined> {
  let level: unknown[] = [root]
  let keys = 0
  for (let depth = 0; level.length > 0; depth++) {
    const next: unknown[] = []
    for (const [at, value] of level.entries()) {
      if (at % VALUES_A_STEP === VALUES_A_STEP - 1) yield
      if (typeof value !== 'object' || value === null) continue
      if (depth >= MAX_DEPTH)
        throw new Failure('invalid_json', { detail: `The body is nested deeper than ${MAX_DEPTH} levels.` })
      const values: readonly unknown[] = Object.values(value)
      if (values.some(isEndless))
        throw new Failure('invalid_json', { detail: 'A number of the body is too large.' })
      requireText(values)
      if (!Array.isArray(value)) requireText(Object.keys(value))
      keys += values.length
      if (keys > maxKeys)
        throw new Failure('invalid_json', { detail: `The body has more than ${maxKeys} keys and items.` })
      for (const each of values) next.push(each)
    }
    level = next
  }
  return undefined
}

/** The same at once. */
export const requireModestShape = (root: unknown, maxKeys: number): void => {
  const steps = shapeInSteps(root, maxKeys)
  while (steps.next().done !== true);
}
