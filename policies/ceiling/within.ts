import type { Catalogue, DeclaredAction } from '../catalogue.ts'
import { foldAction, matchesAction, type CompiledStatement } from '../engine/compile.ts'
import type { Condition } from '../engine/condition.ts'
import { covers, symbolsOf, type Symbols } from '../engine/covers.ts'
import type { OwnedLayer } from '../engine/decide.ts'
import { allowedActions, createBudget, isUnlimited, statementsOf, type Grant } from './grant.ts'
import { globUnits } from '../engine/match.ts'
import { literalPrefix, withFacts, type Facts, type Template } from '../engine/template.ts'

/** An Allow that a change gives although nothing shows that the maker of the change has it. */
export interface UnprovenRight {
  readonly action: string
  readonly statement: CompiledStatement
  /** The layer of the giver in which nothing was found that is at least as wide. */
  readonly layer: OwnedLayer
}

/** A pattern whose known variables are replaced. */
interface Known {
  readonly prefix: string
  readonly symbols: Symbols
}

/**
 * A statement in a layer, with its patterns as they stand there; one that can match nothing is left out, and
 * `*` is apart.
 */
interface Placed {
  readonly statement: CompiledStatement
  /** The same for the same statement of the same document, in whatever layer. */
  readonly id: string
  readonly patterns: readonly Known[]
  readonly hasStar: boolean
}

const knownOf = (template: Template): Known => ({
  prefix: literalPrefix(template).prefix,
  symbols: symbolsOf(template),
})

const EVERYTHING = knownOf([globUnits('*')])

const placedIn = (layers: readonly OwnedLayer[], caller: Facts): Placed[] =>
  statementsOf(layers).map(({ statement, principal }) => {
    const { patterns, sources } = statement.resource
    const known = patterns.flatMap((pattern, i) => {
      const template = sources[i] === '*' ? undefined : withFacts(pattern, { ...caller, ...principal })
      return template === undefined ? [] : [knownOf(template)]
    })
    const id = `${statement.policy.hash} ${statement.index}`
    return { statement, id, patterns: known, hasStar: sources.includes('*') }
  })

const idsOf = (placed: readonly Placed[]): ReadonlySet<string> => new Set(placed.map(({ id }) => id))

/** What a layer consists of. */
const contentOf = ({ layer }: OwnedLayer): string => layer.policies.map(({ hash }) => hash).join('\n')

/** Everything in a statement that is read with the owner of its layer in mind. */
const mentions = ({ resource, conditions }: CompiledStatement, fact: RegExp): boolean =>
  resource.sources.some((text) => fact.test(text)) ||
  conditions.some(({ key, expected }) => fact.test(key) || expected.some((text) => fact.test(text)))

const OF_OWNER = /principal\./
const OF_ATTRIBUTES = /(?:principal|caller)\.attributes\./

/** What a statement is about, at most. */
const outerPatterns = (
  { statement, patterns, hasStar }: Placed,
  { resources }: DeclaredAction,
): readonly Known[] =>
  statement.resource.isComplement || hasStar
    ? resources.map((type) => knownOf([`${type}/`, globUnits('*')]))
    : patterns

/** What a statement is about, at least: of a complement, nothing is said. */
const innerPatterns = ({ statement, patterns, hasStar }: Placed): readonly Known[] => {
  if (statement.resource.isComplement) return []
  return hasStar ? [EVERYTHING] : patterns
}

const areDisjoint = ({ prefix: one }: Known, { prefix: other }: Known): boolean =>
  !one.startsWith(other) && !other.startsWith(one)

const isSameCondition = (a: Condition, b: Condition): boolean =>
  a.key === b.key &&
  a.operatorName === b.operatorName &&
  new Set([...a.expected, ...b.expected]).size === new Set(a.expected).size &&
  new Set(a.expected).size === new Set(b.expected).size

/** Whether an Allow of the giver allows all that the given one does. */
const isAsWide = (wide: Placed, given: Placed, action: DeclaredAction): boolean =>
  wide.statement.effect === 'Allow' &&
  wide.statement.conditions.every(
    (condition) =>
      !OF_OWNER.test([condition.key, ...condition.expected].join(' ')) &&
      given.statement.conditions.some((own) => isSameCondition(own, condition)),
  ) &&
  outerPatterns(given, action).every((narrow) =>
    innerPatterns(wide).some((pattern) => covers(pattern.symbols, narrow.symbols)),
  )

/**
 * Whether a Deny of the giver takes nothing from the given Allow: the account has it too, or it is about
 * something else.
 */
const isHarmless = (
  deny: Placed,
  given: Placed,
  { action, held }: { action: DeclaredAction; held: ReadonlySet<string> },
) =>
  (held.has(deny.id) && !mentions(deny.statement, OF_OWNER)) ||
  outerPatterns(deny, action).every((denied) =>
    outerPatterns(given, action).every((pattern) => areDisjoint(denied, pattern)),
  )

/** A change, as statements that stand in their places. */
interface Change {
  /** Denies that the account had. */
  readonly denied: readonly Placed[]
  /** Every statement that it has. */
  readonly held: ReadonlySet<string>
  /** Allows of its own layers: what gives rights. */
  readonly allowedBefore: ReadonlySet<string>
  readonly allowed: readonly Placed[]
  /** Facts of the account change, so that statements about its attributes say something else. */
  readonly isReread: boolean
  /** A boundary falls, so that all that it held back is given. */
  readonly isUnbounded: boolean
}

const changeOf = ({ before, after, caller }: Grant): Change => {
  const ownAllows = (layers: readonly OwnedLayer[]): Placed[] =>
    placedIn(
      layers.filter(({ kind }) => kind === 'own'),
      caller,
    ).filter(({ statement }) => statement.effect === 'Allow')
  const bounds = (layers: readonly OwnedLayer[]): string[] =>
    layers.filter(({ kind }) => kind === 'boundary').map(contentOf)
  return {
    denied: placedIn(before, caller).filter(({ statement }) => statement.effect === 'Deny'),
    held: idsOf(placedIn(after, caller)),
    allowedBefore: idsOf(ownAllows(before)),
    allowed: ownAllows(after),
    isReread: JSON.stringify(before[0]?.principal) !== JSON.stringify(after[0]?.principal),
    isUnbounded: bounds(before).some((bound) => !bounds(after).includes(bound)),
  }
}

/** The Allows of an action that the account has only by the change, or more of by it. */
const givenStatements = (
  { denied, held, allowedBefore, allowed, isReread, isUnbounded }: Change,
  about: (placed: Placed) => boolean,
): readonly Placed[] => {
  const isChanged = ({ id, statement }: Placed, others: ReadonlySet<string>): boolean =>
    !others.has(id) || (isReread && mentions(statement, OF_ATTRIBUTES))
  const isFreed = isUnbounded || denied.some((deny) => about(deny) && isChanged(deny, held))
  return allowed.filter((given) => about(given) && (isFreed || isChanged(given, allowedBefore)))
}

const patternsIn = (placed: readonly Placed[]): number =>
  placed.reduce((sum, { statement }) => sum + 1 + statement.resource.patterns.length, 0)

/**
 * The first Allow that a change gives and that cannot be shown to be within what the giver may do: for every
 * layer of the giver, an Allow at least as wide under no further condition, and no Deny that touches it.
 * Undefined: everything that is given is, for certain, within. The other way round it may find one in rights
 * that are (it may refuse too much, and never lets too much pass). For accounts that the giver's layers do
 * not cap at every request; the others need no proof. Throws `GrantTooLarge`.
 */
export const findUnprovenRight = (
  grant: Grant,
  catalogue: Catalogue,
  spend = createBudget(),
): UnprovenRight | undefined => {
  if (grant.granter.length > 0 && grant.granter.every(isUnlimited)) return undefined
  const change = changeOf(grant)
  const { held } = change
  const granter = grant.granter.map((layer) => ({ layer, placed: placedIn([layer], grant.caller) }))
  for (const action of allowedActions(statementsOf(grant.after), catalogue)) {
    const folded = foldAction(action.name)
    const about = ({ statement }: Placed): boolean => matchesAction(statement, folded)
    const layers = granter.map(({ layer, placed }) => ({ layer, own: placed.filter(about) }))
    spend(held.size + granter.reduce((sum, { placed }) => sum + placed.length, 0))
    for (const given of givenStatements(change, about)) {
      for (const { layer, own } of layers) {
        spend(given.statement.resource.patterns.length * patternsIn(own))
        const isWithin =
          own.some((wide) => isAsWide(wide, given, action)) &&
          own.every(
            (placed) => placed.statement.effect === 'Allow' || isHarmless(placed, given, { action, held }),
          )
        if (!isWithin) return { action: action.name, statement: given.statement, layer }
      }
    }
  }
  return undefined
}
