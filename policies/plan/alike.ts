import { viewOf, type Context, type OwnedLayer } from '../engine/decide.ts'
import type { Layer } from '../engine/layer.ts'
import { globUnits, type Glob } from '../engine/match.ts'
import type { Condition } from '../engine/condition.ts'
import { parseTemplate, resolveText, variablesOf, type Template } from '../engine/template.ts'
import { standingOf, type Standing } from './texts.ts'
import type { ExaminedAccount } from './types.ts'

const OF_ACCOUNTS = /^(?:principal|caller)\./
/** Facts that are another text for every account. */
const IS_NAME = /^(?:principal|caller)\.(?:path|id)$/
/** Relations between names of accounts and patterns, beyond which each account is asked for itself. */
const MAX_RELATIONS = 256

/** What of an account its layer looks at. */
interface Traits {
  /** Facts that are compared or stand in patterns, without names. */
  readonly facts: readonly string[]
  /** Conditions about accounts alone: of an account they hold or not, whatever it asks. */
  readonly conditions: readonly Condition[]
  /** The beginnings of patterns up to their first wildcard, if they hold a name. */
  readonly beginnings: readonly Template[]
  /** Patterns without variables that say more than a type of resource. */
  readonly constants: ReadonlyMap<string, Glob>
  /** Names are used so that nothing simple can be said: each account is a kind of its own. */
  readonly isParticular: boolean
}

const templateOf = (text: string): Template => parseTemplate(text, 'glob') ?? []
const namesIn = (template: Template): string[] =>
  variablesOf(template)
    .map(({ key }) => key)
    .filter((key) => IS_NAME.test(key))

const isWild = (part: Template[number]): boolean => typeof part === 'object' && !('key' in part)
const beginningOf = (template: Template): Template => {
  const end = template.findIndex(isWild)
  return end === -1 ? template : template.slice(0, end)
}

const patternTraits = (patterns: readonly { readonly template: Template; readonly source: string }[]) => {
  const beginnings: Template[] = []
  const constants = new Map<string, Glob>()
  let isParticular = false
  for (const { template, source } of patterns) {
    const beginning = beginningOf(template)
    const names = namesIn(template).length
    if (names > 0) beginnings.push(beginning)
    isParticular ||= namesIn(beginning).length < names
    const isOfType = source === '*' || /^[^*?${}/]+\/\*$/.test(source)
    if (variablesOf(template).length === 0 && !isOfType) constants.set(source, globUnits(source))
    else if (names === 0 && !isOfType)
      isParticular ||= variablesOf(template).some(({ key }) => !OF_ACCOUNTS.test(key))
  }
  return { beginnings, constants, isParticular }
}

const readTraits = ({ statements }: Layer): Traits => {
  const conditions = statements.flatMap((statement) => statement.conditions)
  const templates = conditions.flatMap(({ expected }) => expected.map(templateOf))
  const patterns = statements.flatMap(({ resource: { patterns: own, sources } }) =>
    own.map((template, i) => ({ template, source: sources[i] ?? '' })),
  )
  const keys = [
    ...conditions.map(({ key }) => key),
    ...[...templates, ...patterns.map(({ template }) => template)].flatMap(variablesOf).map(({ key }) => key),
  ].filter((key) => OF_ACCOUNTS.test(key))
  const isSettled = ({ key, expected }: Condition): boolean =>
    OF_ACCOUNTS.test(key) &&
    expected.every((text) => variablesOf(templateOf(text)).every((each) => OF_ACCOUNTS.test(each.key)))
  const namesValue = ({ expected }: Condition): boolean =>
    expected.some((text) => namesIn(templateOf(text)).length > 0)
  const open = conditions.filter((condition) => !isSettled(condition))
  const { beginnings, constants, isParticular } = patternTraits(patterns)
  return {
    facts: [...new Set(keys.filter((key) => !IS_NAME.test(key)))],
    conditions: conditions.filter(isSettled),
    beginnings,
    constants,
    // A name that is compared with what a request says, beside other values of the same key.
    isParticular:
      isParticular ||
      open.some(
        (one) =>
          OF_ACCOUNTS.test(one.key) ||
          (namesValue(one) &&
            open.some((other) => other.key === one.key && String(other.expected) !== String(one.expected))),
      ),
  }
}

const traits = new WeakMap<Layer, Traits>()
const traitsOf = (layer: Layer): Traits => {
  const known = traits.get(layer)
  if (known !== undefined) return known
  const read = readTraits(layer)
  traits.set(layer, read)
  return read
}

/** A number for each object, the same for the same. */
const createNumbers = (): ((object: object) => number) => {
  const numbers = new WeakMap<object, number>()
  let next = 0
  return (object) => {
    let number = numbers.get(object)
    if (number === undefined) numbers.set(object, (number = next++))
    return number
  }
}

const factsOf = ({ facts, conditions }: Traits, owned: OwnedLayer, context: Context): string => {
  const view = viewOf(owned, { action: '', resource: '', context })
  const values = facts.map((key) => view.values(key) ?? null)
  const holding = conditions.map((condition) => (condition.holds(view) ? 1 : 0)).join('')
  return values.length === 0 ? holding : `${JSON.stringify(values)}${holding}`
}

/**
 * Layers that are evaluated together, whatever set they are of: what is the same for all accounts that have
 * them.
 */
interface Shape {
  readonly traits: readonly Traits[]
  readonly constants: readonly Standing[]
  readonly isParticular: boolean
}

const shapeOf = (layers: readonly OwnedLayer[]): Shape => {
  const all = layers.map(({ layer }) => traitsOf(layer))
  const constants = new Map(all.flatMap((each) => [...each.constants]))
  const beginnings = all.reduce((sum, each) => sum + each.beginnings.length, 0)
  return {
    traits: all,
    constants: beginnings === 0 ? [] : [...constants.values()].map(standingOf),
    isParticular:
      all.some((each) => each.isParticular) || beginnings * constants.size > MAX_RELATIONS * all.length,
  }
}

/** How the names of an account stand in the patterns that name no account by a variable. */
const relationsOf = (
  layers: readonly OwnedLayer[],
  { shape: { traits: all, constants }, context }: { shape: Shape; context: Context },
): string => {
  if (constants.length === 0) return ''
  const beginnings = new Set<string>()
  for (const [i, owned] of layers.entries()) {
    const templates = all[i]?.beginnings ?? []
    if (templates.length === 0) continue
    const view = viewOf(owned, { action: '', resource: '', context })
    for (const template of templates) beginnings.add(resolveText(template, view) ?? '')
  }
  let relations = ''
  for (const text of beginnings) for (const standing of constants) relations += `${standing(text)} `
  return relations
}

const depthOf = (path: unknown): number => {
  const text = String(path)
  let depth = 1
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) depth++
  return depth
}

/**
 * A key that two accounts share only if a change of policies gives and takes the same from both, with their
 * own names in the place of the other's: they have the same layers, the same facts wherever policies look at
 * facts, and their ids and paths stand in the same way in all patterns that are about accounts by name.
 */
export const createKinds = (): ((account: ExaminedAccount) => string) => {
  const numberOf = createNumbers()
  const shapes = new Map<string, Shape>()
  return ({ principal, context, before, after, catalogues }) => {
    const layers = [...before, ...after]
    let key = `${before.length} ${numberOf(catalogues.before)} ${numberOf(catalogues.after)}`
    for (const { kind, layer, principal: owner } of layers)
      key += ` ${kind}${numberOf(layer)}.${depthOf(owner['principal.path'])}`
    let shape = shapes.get(key)
    if (shape === undefined) shapes.set(key, (shape = shapeOf(layers)))
    if (shape.isParticular) return `${key}|${String(principal['principal.path'])}`
    for (const [i, owned] of layers.entries()) {
      const own = shape.traits[i]
      if (own !== undefined && own.facts.length + own.conditions.length > 0)
        key += `|${i}${factsOf(own, owned, context)}`
    }
    return `${key}|${relationsOf(layers, { shape, context })}`
  }
}
