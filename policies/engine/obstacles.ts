// SPDX-License-Identifier: LGPL-3.0-or-later
import type { Condition } from './condition.ts'
import { foldAction, holdsAll, matchesAction, type CompiledStatement } from './compile.ts'
import { viewOf, type AccessRequest, type OwnedLayer } from './decide.ts'
import { indexOf, matchesStatementResource, type Target } from './layer.ts'
import { globUnits, isWildcard } from './match.ts'
import { failedConditions } from './near-misses.ts'
import { variablesIn } from './operands.ts'
import { literalPrefix, parseTemplate, variablesOf, type View } from './template.ts'

/** A Deny with what its layer sees of the request. */
interface Placed {
  readonly statement: CompiledStatement
  readonly view: View
}

/**
 * It looks through this many Denies for one that stands in the way; if there are more, it takes it that one
 * does.
 */
const MAX_EXAMINED = 1000

const mayMeet = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a)

const beginning = (action: string): string => {
  const units = globUnits(foldAction(action))
  const end = units.findIndex(isWildcard)
  return String.fromCharCode(...(end === -1 ? units : units.slice(0, end)))
}

/**
 * Whether a Deny may be about an action that the pattern matches: exactly where the pattern is a name, else
 * by what they begin with.
 */
const mayDenyAction = (statement: CompiledStatement, pattern: string): boolean => {
  if (!/[*?]/.test(pattern)) return matchesAction(statement, foldAction(pattern))
  const { isComplement, sources } = statement.action
  return isComplement || sources.some((source) => mayMeet(beginning(source), beginning(pattern)))
}

/** The same for resources. */
const mayDenyResource = ({ statement, view }: Placed, pattern: string): boolean => {
  const wished = literalPrefix(parseTemplate(pattern, 'glob') ?? [])
  if (wished.isWhole) return matchesStatementResource(statement, wished.prefix, view)
  const { isComplement, patterns } = statement.resource
  return isComplement || patterns.some((denied) => mayMeet(literalPrefix(denied).prefix, wished.prefix))
}

/** Whether a Deny would match if these keys had other values. */
const mayDenyWith = ({ statement, view }: Placed, keys: ReadonlySet<string>, resource: string): boolean =>
  failedConditions(statement, view).every(
    (condition) => keys.has(condition.key) || variablesIn(condition).some(({ key }) => keys.has(key)),
  ) &&
  (matchesStatementResource(statement, resource, view) ||
    statement.resource.patterns.some((pattern) => variablesOf(pattern).some(({ key }) => keys.has(key))))

/** What of a near miss would allow, and not only take the place of one denial by another. */
export interface Obstacles {
  /** Whether no Deny would match once these conditions hold. */
  readonly areFree: (conditions: readonly Condition[]) => boolean
  /** The patterns of an element whose match no Deny would undo. */
  readonly freePatterns: (statement: CompiledStatement, element: 'action' | 'resource') => readonly string[]
}

const placed = (
  owned: OwnedLayer,
  request: AccessRequest,
  statements: readonly CompiledStatement[],
): Placed[] => {
  const view = viewOf(owned, request)
  return statements.map((statement) => ({ statement, view }))
}

/**
 * The Denies of all layers as what stands in the way of near misses. Careful: where it cannot be seen that
 * none does, one does.
 */
export const obstaclesOf = (
  layers: readonly OwnedLayer[],
  request: AccessRequest,
  { folded, beginnings: { text: resource } }: Target,
): Obstacles => {
  let ofAction: Placed[] | undefined
  let ofResource: Placed[] | undefined
  const aboutAction = (): Placed[] =>
    (ofAction ??= layers.flatMap((owned) =>
      placed(owned, request, indexOf(owned.layer, folded).deny?.statements ?? []),
    ))
  const aboutResource = (): Placed[] =>
    (ofResource ??= layers
      .flatMap((owned) => placed(owned, request, owned.layer.statements))
      .filter(
        ({ statement, view }) =>
          statement.effect === 'Deny' &&
          matchesStatementResource(statement, resource, view) &&
          holdsAll(statement, view),
      ))
  const isFree = (denies: readonly Placed[], mayDeny: (deny: Placed) => boolean): boolean =>
    denies.length <= MAX_EXAMINED && !denies.some(mayDeny)
  return {
    areFree: (conditions) => {
      const keys = new Set(conditions.map(({ key }) => key))
      return isFree(aboutAction(), (deny) => mayDenyWith(deny, keys, resource))
    },
    freePatterns: (statement, element) => {
      const { sources, isComplement } = statement[element]
      const isAction = element === 'action'
      const denies = isAction
        ? aboutResource()
        : aboutAction().filter((deny) => holdsAll(deny.statement, deny.view))
      if (denies.length === 0) return sources
      if (isComplement) return []
      return sources.filter((pattern) =>
        isFree(denies, (deny) =>
          isAction ? mayDenyAction(deny.statement, pattern) : mayDenyResource(deny, pattern),
        ),
      )
    },
  }
}
