// SPDX-License-Identifier: LGPL-3.0-or-later
import { foldAction, matchesAction, type CompiledPolicy, type CompiledStatement } from './compile.ts'
import { Complements } from './complements.ts'
import { ConditionIndex } from './condition-index.ts'
import { Beginnings, createEntries, ResourceIndex } from './resource-index.ts'
import { matchTemplate, type View } from './template.ts'

/** The statements of one effect for one action, by what their resources begin with. */
export interface EffectIndex {
  /** All statements of the effect that are about the action. */
  readonly statements: readonly CompiledStatement[]
  /** The context keys that their conditions ask for. */
  readonly keys: ReadonlySet<string>
  readonly resources: ResourceIndex<ConditionIndex>
  readonly complements: Complements | undefined
}

/** What a layer has to say about an action; undefined: nothing of that effect. */
export interface ActionIndex {
  readonly deny: EffectIndex | undefined
  readonly allow: EffectIndex | undefined
}

/**
 * Policies that are evaluated together, indexed: by action, then by the literal beginning of the resource.
 * What is looked at for a request grows with the statements that are about it, not with all there are.
 */
export interface Layer {
  readonly policies: readonly CompiledPolicy[]
  readonly statements: readonly CompiledStatement[]
  /** Indexes by folded action, made when it is first asked for. */
  readonly actions: Map<string, ActionIndex>
}

/** Actions are names of a catalogue; a caller that asks for endless others gets no endless memory. */
const MAX_INDEXED_ACTIONS = 4096

/** A layer of these policies. Its indexes are built when an action is first asked about, and kept. */
export const createLayer = (policies: readonly CompiledPolicy[]): Layer => ({
  policies,
  statements: policies.flatMap(({ statements }) => statements),
  actions: new Map(),
})

/** A request as the index wants it: made once, looked up in every layer. */
export interface Target {
  readonly folded: string
  /** Those of the resource. */
  readonly beginnings: Beginnings
}

/** Names of actions that were asked about lately, in lower case: askers name the same few. */
const foldedActions = new Map<string, string>()

const foldOnce = (action: string): string => {
  const known = foldedActions.get(action)
  if (known !== undefined) return known
  if (foldedActions.size >= MAX_INDEXED_ACTIONS) foldedActions.clear()
  const folded = foldAction(action)
  foldedActions.set(action, folded)
  return folded
}

/** The target of a request; the action in any case, the resource in canonical form. */
export const targetOf = (action: string, resource: string): Target => ({
  folded: foldOnce(action),
  beginnings: new Beginnings(resource),
})

const buildIndex = (statements: readonly CompiledStatement[]): EffectIndex | undefined => {
  if (statements.length === 0) return undefined
  const resources = new ResourceIndex<ConditionIndex>()
  const statementsOf = createEntries(resources, () => new ConditionIndex())
  const complements = statements.filter(({ resource }) => resource.isComplement)
  for (const statement of statements)
    if (!statement.resource.isComplement)
      for (const [i, pattern] of statement.resource.patterns.entries())
        statementsOf(statement.resource.sources[i] ?? '', pattern).add(statement)
  return {
    statements,
    keys: new Set(statements.flatMap(({ conditions }) => conditions.map(({ key }) => key))),
    resources,
    complements: complements.length === 0 ? undefined : new Complements(complements),
  }
}

/** What the layer has to say about an action. */
export const indexOf = (layer: Layer, folded: string): ActionIndex => {
  const known = layer.actions.get(folded)
  if (known !== undefined) return known
  const about = layer.statements.filter((statement) => matchesAction(statement, folded))
  const index = {
    deny: buildIndex(about.filter(({ effect }) => effect === 'Deny')),
    allow: buildIndex(about.filter(({ effect }) => effect === 'Allow')),
  }
  if (layer.actions.size < MAX_INDEXED_ACTIONS) layer.actions.set(folded, index)
  return index
}

/** Whether the statement is about the resource. */
export const matchesStatementResource = (
  { resource: { patterns, isComplement } }: CompiledStatement,
  resource: string,
  view: View,
): boolean => patterns.some((pattern) => matchTemplate(pattern, resource, view)) !== isComplement

const holding = (statements: ConditionIndex, view: View): CompiledStatement | undefined =>
  statements.find(view)

/** The first statement of an index that matches the target. */
export const findStatement = (
  { resources, complements }: EffectIndex,
  { beginnings }: Target,
  view: View,
): CompiledStatement | undefined =>
  resources.find(beginnings, view, holding) ?? complements?.find(beginnings, view)

/**
 * Every statement of an effect that is about the target, whether or not its conditions hold; in the order of
 * the layer.
 */
export const statementsAbout = (
  index: EffectIndex | undefined,
  { beginnings }: Target,
  view: View,
): CompiledStatement[] => {
  if (index === undefined) return []
  const about = new Set<CompiledStatement>(index.complements?.about(beginnings, view))
  index.resources.find(beginnings, view, ({ statements }) => {
    for (const statement of statements) about.add(statement)
    return undefined
  })
  return about.size < 2 ? [...about] : [...about].sort((a, b) => a.index - b.index)
}
