import { foldAction, matchesAction, type CompiledStatement } from './compile.ts'
import type { OwnedLayer } from './decide.ts'
import type { Layer } from './layer.ts'
import { parseTemplate, variablesOf } from './template.ts'

/** The keys that a statement compares, or puts into its patterns and values. */
const keysOf = ({ resource, conditions }: CompiledStatement): Set<string> => {
  const inValue = (text: string): string[] =>
    variablesOf(parseTemplate(text, 'text') ?? parseTemplate(text, 'glob') ?? []).map(({ key }) => key)
  return new Set([
    ...resource.patterns.flatMap((pattern) => variablesOf(pattern).map(({ key }) => key)),
    ...conditions.flatMap(({ key, expected }) => [key, ...expected.flatMap(inValue)]),
  ])
}

/** The statements of a layer by the keys that they compare; made when it is first asked for. */
const readersOf = new WeakMap<Layer, ReadonlyMap<string, readonly CompiledStatement[]>>()

const readersIn = (layer: Layer): ReadonlyMap<string, readonly CompiledStatement[]> => {
  const known = readersOf.get(layer)
  if (known !== undefined) return known
  const readers = new Map<string, CompiledStatement[]>()
  for (const statement of layer.statements)
    for (const key of keysOf(statement)) {
      const own = readers.get(key)
      if (own === undefined) readers.set(key, [statement])
      else own.push(statement)
    }
  readersOf.set(layer, readers)
  return readers
}

/**
 * Whether a decision about the action may depend on the value of one of these context keys: a statement about
 * it compares one, or has one as a variable.
 */
export const comparesAny = (
  layers: readonly OwnedLayer[],
  action: string,
  keys: readonly string[],
): boolean => {
  const folded = foldAction(action)
  return keys.some((key) =>
    layers.some(({ layer }) =>
      (readersIn(layer).get(key) ?? []).some((statement) => matchesAction(statement, folded)),
    ),
  )
}
