import { viewOf, type Context, type OwnedLayer } from '../engine/decide.ts'
import type { Layer } from '../engine/layer.ts'
import { globUnits, type Glob } from '../engine/match.ts'
import type { Condition } from '../engine/condition.ts'
import { resolveText, variablesOf, type Template } from '../engine/template.ts'
import { isOfAccount } from '../language.ts'
import { expectedBy, requestKeysIn, requestKeysOf } from './request-keys.ts'
import { standingOf, type Standing } from './texts.ts'
import type { ExaminedAccount } from './types.ts'

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
  /** Conditions about what requests say. */
  readonly open: readonly Condition[]
  /** Names are used so that nothing simple can be said: each account is a kind of its own. */
  readonly isParticular: boolean
}

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
    isParticular ||= namesIn(beginning).length < names || requestKeysIn([template]).length > 0
    const isOfType = source === '*' || /^[^*?${}/]+\/\*$/.test(source)
    if (variablesOf(template).length === 0 && !isOfType) constants.set(source, globUnits(source))
  }
  return { beginnings, constants, isParticular }
}

const readTraits = ({ statements }: Layer): Traits => {
  const conditions = statements.flatMap((statement) => statement.conditions)
  const templates = conditions.flatMap(expectedBy)
  const patterns = statements.flatMap(({ resource: { patterns: own, sources } }) =>
    own.map((template, i) => ({ template, source: sources[i] ?? '' })),
  )
  const keys = [
    ...conditions.map(({ key }) => key),
    ...[...templates, ...patterns.map(({ template }) => template)].flatMap(variablesOf).map(({ key }) => key),
  ].filter(isOfAccount)
  const isSettled = (condition: Condition): boolean => requestKeysOf(condition).length === 0
  const open = conditions.filter((condition) => !isSettled(condition))
  const { beginnings, constants, isParticular } = patternTraits(patterns)
  return {
    facts: [...new Set(keys.filter((key) => !IS_NAME.test(key)))],
    conditions: conditions.filter(isSettled),
    beginnings,
    constants,
    open,
    isParticular: isParticular || open.some(({ key }) => isOfAccount(key)),
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
  /** Conditions that compare a key of requests with names, each with the others about that key. */
  readonly named: readonly Named[]
  readonly isParticular: boolean
}

/** A text with a name in it, by a condition of a layer, and what else the layers say about the same key. */
interface Named {
  readonly layer: number
  readonly key: string
  readonly template: Template
  readonly others: readonly { readonly layer: number; readonly condition: Condition }[]
}

const namedTemplates = (condition: Condition): Template[] =>
  expectedBy(condition).filter((template) => namesIn(template).length > 0)

/**
 * The names with which requests are compared. Undefined if they stand in no simple way to what else is said
 * about the same key: beside other names, with wildcards, or where keys are compared with each other.
 */
const namedOf = (all: readonly Traits[]): Named[] | undefined => {
  const open = all.flatMap(({ open: own }, layer) => own.map((condition) => ({ layer, condition })))
  const naming = open.filter(({ condition }) => namedTemplates(condition).length > 0)
  if (naming.length === 0) return []
  if (open.some(({ condition }) => requestKeysIn(expectedBy(condition)).length > 0)) return undefined
  const named: Named[] = []
  for (const { layer, condition } of naming) {
    const others = open.filter(
      ({ condition: { key, expected } }) =>
        key === condition.key && String(expected) !== String(condition.expected),
    )
    if (others.length === 0) continue
    const templates = namedTemplates(condition)
    const isSimple =
      !others.some((other) => namedTemplates(other.condition).length > 0) &&
      !templates.some((template) => template.some(isWild))
    if (!isSimple) return undefined
    for (const template of templates) named.push({ layer, key: condition.key, template, others })
  }
  return named
}

const shapeOf = (layers: readonly OwnedLayer[]): Shape => {
  const all = layers.map(({ layer }) => traitsOf(layer))
  const constants = new Map(all.flatMap((each) => [...each.constants]))
  const beginnings = all.reduce((sum, each) => sum + each.beginnings.length, 0)
  const named = namedOf(all)
  const answers = named?.reduce((sum, { others }) => sum + others.length, 0) ?? Infinity
  return {
    traits: all,
    constants: beginnings === 0 ? [] : [...constants.values()].map(standingOf),
    named: named ?? [],
    isParticular:
      all.some((each) => each.isParticular) ||
      beginnings * constants.size > MAX_RELATIONS * all.length ||
      answers > MAX_RELATIONS * all.length,
  }
}

/** What the conditions about a key say of the names of an account that others compare it with. */
const answersOf = (layers: readonly OwnedLayer[], named: readonly Named[], context: Context): string => {
  let answers = ''
  for (const { layer, key, template, others } of named) {
    const owned = layers[layer]
    const text = owned && resolveText(template, viewOf(owned, { action: '', resource: '', context }))
    if (text === undefined) continue
    const request = { action: '', resource: '', context: { ...context, [key]: text } }
    for (const other of others) {
      const owner = layers[other.layer]
      if (owner !== undefined) answers += other.condition.holds(viewOf(owner, request)) ? 1 : 0
    }
  }
  return answers
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
 * facts, and their ids and paths stand in the same way in all patterns, and in all conditions about what they
 * are compared with.
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
    return `${key}|${relationsOf(layers, { shape, context })}|${answersOf(layers, shape.named, context)}`
  }
}
