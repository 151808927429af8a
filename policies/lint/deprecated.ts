import { actionsMatching, type Catalogue } from '../catalogue.ts'
import { listOf } from '../engine/condition.ts'
import type { Statement } from '../language.ts'
import { pointerTo, type Warning } from './warning.ts'

/** Patterns that match nothing but actions whose service names others in their place. */
export function* lintDeprecated(statement: Statement, catalogue: Catalogue): Generator<Warning> {
  if (![...catalogue.actions.values()].some(({ replacedBy }) => replacedBy !== undefined)) return
  for (const element of ['Action', 'NotAction'] as const) {
    const patterns = listOf<string>(statement[element] ?? [])
    const matched = patterns.map((pattern) => actionsMatching(catalogue, pattern))
    const named = new Set(matched.flat().map(({ name }) => name))
    for (const [index, actions] of matched.entries()) {
      const replacements = new Set(actions.map(({ replacedBy }) => replacedBy))
      if (replacements.size === 0 || replacements.has(undefined)) continue
      const missing = [...replacements].filter((name) => name !== undefined && !named.has(name))
      const names = [...replacements].join(', ')
      yield {
        code: 'W_DEPRECATED_ACTION',
        message: `${patterns[index] ?? ''} is deprecated: its service names ${names} in its place`,
        pointer: pointerTo(element, statement[element], index),
        ...(missing.length === 0 && { hint: 'Take it out as soon as nobody asks about it any more.' }),
      }
    }
  }
}
