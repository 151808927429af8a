// SPDX-License-Identifier: LGPL-3.0-or-later
import { holdsAll, matchesAction, type CompiledStatement } from './compile.ts'
import type { Condition } from './condition.ts'
import { indexOf, matchesStatementResource, statementsAbout, type Layer, type Target } from './layer.ts'
import { literalPrefix, type View } from './template.ts'

/** An Allow that would match but for one of its elements; of conditions, for all of these. */
export type Miss = { readonly statement: CompiledStatement } & (
  | { readonly failed: 'action' | 'resource' }
  | { readonly failed: 'condition'; readonly conditions: readonly Condition[] }
)

/** How many are found, at most. */
const MAX_MISSES = 5
/** How many conditions it has of which some fail while it is still near. */
const MAX_FAILED_CONDITIONS = 8
/** How many Allows are looked at for each element. */
const MAX_EXAMINED = 1000

/** The conditions of a statement that do not hold. */
export const failedConditions = ({ conditions }: CompiledStatement, view: View): Condition[] =>
  conditions.filter(({ holds }) => !holds(view))

/** Statements in the order of the layer: by policy, then as they are written. */
export const inLayerOrder = (
  { policies }: Layer,
  statements: readonly CompiledStatement[],
): readonly CompiledStatement[] =>
  statements.length < 2
    ? statements
    : policies.flatMap((policy) => statements.filter((statement) => statement.policy === policy))

const conditionMisses = (about: readonly CompiledStatement[], view: View): Miss[] =>
  about
    .map((statement) => ({
      statement,
      failed: 'condition' as const,
      conditions: failedConditions(statement, view),
    }))
    .filter(({ conditions }) => conditions.length <= MAX_FAILED_CONDITIONS)
    .sort((a, b) => a.conditions.length - b.conditions.length)

/** The Allows of layers by the directory that one of their resources literally begins with; `''`: by none. */
const directories = new WeakMap<Layer, ReadonlyMap<string, ReadonlySet<CompiledStatement>>>()

const allowsByDirectory = (layer: Layer): ReadonlyMap<string, ReadonlySet<CompiledStatement>> => {
  const known = directories.get(layer)
  if (known !== undefined) return known
  const found = new Map<string, Set<CompiledStatement>>()
  for (const statement of layer.statements) {
    const { isComplement, patterns } = statement.resource
    if (statement.effect !== 'Allow') continue
    const prefixes = isComplement ? [''] : patterns.map((pattern) => literalPrefix(pattern).prefix)
    for (const prefix of prefixes) {
      const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1)
      found.set(directory, (found.get(directory) ?? new Set()).add(statement))
    }
  }
  directories.set(layer, found)
  return found
}

/** The Allows that may be about a resource, whatever the action. */
const allowsAround = (layer: Layer, target: Target): ReadonlySet<CompiledStatement> => {
  const found = allowsByDirectory(layer)
  const around = new Set(found.get(''))
  for (let { directory } = target.beginnings; directory !== null; directory = directory.next)
    for (const statement of found.get(directory.name) ?? []) around.add(statement)
  return around
}

/**
 * Allows of a layer that come near, nearest first: those that lack conditions, the fewest first, then the
 * resource, then the action.
 */
export const findMisses = (layer: Layer, target: Target, view: View): Miss[] => {
  const { allow } = indexOf(layer, target.folded)
  const misses = conditionMisses(inLayerOrder(layer, statementsAbout(allow, target, view)), view)
  const addThose = (
    statements: Iterable<CompiledStatement>,
    failed: 'action' | 'resource',
    failsOtherwise: (statement: CompiledStatement) => boolean,
  ): void => {
    let left = MAX_EXAMINED
    for (const statement of statements) {
      if (misses.length >= MAX_MISSES || left-- === 0) return
      const isAbout = matchesStatementResource(statement, target.beginnings.text, view)
      if (isAbout === (failed === 'action') && !failsOtherwise(statement)) misses.push({ statement, failed })
    }
  }
  addThose(allow?.statements ?? [], 'resource', (statement) => !holdsAll(statement, view))
  if (misses.length < MAX_MISSES)
    addThose(
      allowsAround(layer, target),
      'action',
      (statement) => matchesAction(statement, target.folded) || !holdsAll(statement, view),
    )
  return misses.slice(0, MAX_MISSES)
}
