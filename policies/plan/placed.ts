import type { DeclaredAction } from '../catalogue.ts'
import { foldAction, matchesAction, type CompiledStatement } from '../engine/compile.ts'
import type { OwnedLayer } from '../engine/decide.ts'

/** A statement in the layer that it is read in. */
export interface Placed {
  readonly statement: CompiledStatement
  readonly owned: OwnedLayer
  /** The same for statements that say the same in the same place, whatever document they stand in. */
  readonly id: string
}

const texts = new WeakMap<CompiledStatement, string>()

/** What a statement says, as a text: the same for all that say the same. */
const textOf = (statement: CompiledStatement): string => {
  const known = texts.get(statement)
  if (known !== undefined) return known
  const { effect, action, resource, conditions } = statement
  const text = JSON.stringify([
    effect,
    action.isComplement,
    action.sources.map(foldAction).toSorted(),
    resource.isComplement,
    resource.sources.toSorted(),
    conditions
      .map(({ operatorName, key, expected }) => [operatorName, key, ...expected.toSorted()].join(' '))
      .sort(),
  ])
  texts.set(statement, text)
  return text
}

const boundOf = ({ kind, layer }: OwnedLayer): string =>
  kind === 'boundary' ? layer.policies.map(({ name }) => name).join(' ') : ''

/** Every statement of these layers, in its place. */
export const placedIn = (layers: readonly OwnedLayer[]): Placed[] =>
  layers.flatMap((owned) => {
    const place = `${owned.kind} ${String(owned.principal['principal.id'])} ${boundOf(owned)}`
    return owned.layer.statements.map((statement) => ({
      statement,
      owned,
      id: `${place} ${textOf(statement)}`,
    }))
  })

/** Which layers there are: one that comes or goes changes rights that no statement names. */
export const structureOf = (layers: readonly OwnedLayer[]): string =>
  layers
    .map((owned) => `${owned.kind} ${String(owned.principal['principal.id'])} ${boundOf(owned)}`)
    .join('\n')

/** The statements that are about an action. */
export const aboutAction = (placed: readonly Placed[], { name }: DeclaredAction): Placed[] => {
  const folded = foldAction(name)
  return placed.filter(({ statement }) => matchesAction(statement, folded))
}
