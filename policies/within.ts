import type { Catalogue, DeclaredAction } from './catalogue.ts'
import { isUnlimited, type Grant } from './ceiling.ts'
import { foldAction, matchesAction, type CompiledStatement } from './compile.ts'
import type { Condition } from './condition.ts'
import { covers, symbolsOf } from './covers.ts'
import type { OwnedLayer } from './decide.ts'
import { globUnits } from './match.ts'
import { literalPrefix, withFacts, type Facts, type Template } from './template.ts'

/** An Allow that a change gives, and of which it cannot be shown that whoever makes the change has it. */
export interface UnprovenRight {
  readonly action: string
  readonly statement: CompiledStatement
  /** The layer of the giver in which nothing was found that is at least as wide. */
  readonly layer: OwnedLayer
}

/** A statement in a layer: where its variables get their values. */
interface Placed {
  readonly statement: CompiledStatement
  readonly facts: Facts
}

const placedIn = (layers: readonly OwnedLayer[], caller: Facts): Placed[] =>
  layers.flatMap(({ layer, principal }) =>
    layer.statements.map((statement) => ({ statement, facts: { ...caller, ...principal } })),
  )

const isSame = (a: CompiledStatement, b: CompiledStatement): boolean =>
  a.index === b.index && a.policy.hash === b.policy.hash

/** What a layer consists of. */
const contentOf = ({ layer }: OwnedLayer): string => layer.policies.map(({ hash }) => hash).join('\n')

const isAmong = (statements: readonly Placed[], wanted: CompiledStatement): boolean =>
  statements.some(({ statement }) => isSame(statement, wanted))

/** Everything in a statement that is read with the owner of its layer in mind. */
const mentions = ({ resource, conditions }: CompiledStatement, fact: RegExp): boolean =>
  resource.sources.some((text) => fact.test(text)) ||
  conditions.some(({ key, expected }) => fact.test(key) || expected.some((text) => fact.test(text)))

const OF_OWNER = /principal\./
const OF_ATTRIBUTES = /(?:principal|caller)\.attributes\./

const ANYTHING = globUnits('*')

/** The patterns of a statement, those of `*` as given, with the variables of accounts replaced; one that can match nothing is left out. */
const patternsOf = ({ statement: { resource }, facts }: Placed, ofStar: readonly Template[]): Template[] =>
  resource.patterns.flatMap((pattern, i) => {
    if (resource.sources[i] === '*') return ofStar
    const known = withFacts(pattern, facts)
    return known === undefined ? [] : [known]
  })

/** What a statement is about, at most. */
const outerPatterns = (placed: Placed, { resources }: DeclaredAction): readonly Template[] => {
  const all = resources.map((type): Template => [`${type}/`, ANYTHING])
  return placed.statement.resource.isComplement ? all : patternsOf(placed, all)
}

/** What a statement is about, at least: of a complement, nothing is said. */
const innerPatterns = (placed: Placed): readonly Template[] =>
  placed.statement.resource.isComplement ? [] : patternsOf(placed, [[ANYTHING]])

const areDisjoint = (a: Template, b: Template): boolean => {
  const [one, other] = [literalPrefix(a).prefix, literalPrefix(b).prefix]
  return !one.startsWith(other) && !other.startsWith(one)
}

const isSameCondition = (a: Condition, b: Condition): boolean =>
  a.key === b.key && a.operatorName === b.operatorName && String(a.expected) === String(b.expected)

/** Whether an Allow of the giver allows all that the given one does. */
const isAsWide = (wide: Placed, given: Placed, action: DeclaredAction): boolean =>
  wide.statement.effect === 'Allow' &&
  wide.statement.conditions.every(
    (condition) =>
      !OF_OWNER.test([condition.key, ...condition.expected].join(' ')) &&
      given.statement.conditions.some((own) => isSameCondition(own, condition)),
  ) &&
  outerPatterns(given, action).every((narrow) =>
    innerPatterns(wide).some((pattern) => covers(symbolsOf(pattern), symbolsOf(narrow))),
  )

/** Whether a Deny of the giver takes nothing from the given Allow: the account has it too, or it is about something else. */
const isHarmless = (
  deny: Placed,
  given: Placed,
  { action, after }: { action: DeclaredAction; after: readonly Placed[] },
) =>
  (isAmong(after, deny.statement) && !mentions(deny.statement, OF_OWNER)) ||
  outerPatterns(deny, action).every((denied) =>
    outerPatterns(given, action).every((pattern) => areDisjoint(denied, pattern)),
  )

/** The Allows of an action that the account has only by the change, or more of by it. */
const givenStatements = ({ before, after, caller }: Grant, about: (placed: Placed) => boolean): Placed[] => {
  const had = placedIn(before, caller).filter(about)
  const has = placedIn(after, caller).filter(about)
  const ownAllows = (layers: readonly OwnedLayer[]): Placed[] =>
    placedIn(
      layers.filter(({ kind }) => kind === 'own'),
      caller,
    ).filter((placed) => about(placed) && placed.statement.effect === 'Allow')
  const [allowed, allows] = [ownAllows(before), ownAllows(after)]
  const isReread = JSON.stringify(before[0]?.principal) !== JSON.stringify(after[0]?.principal)
  const isFreed =
    had.some(
      ({ statement }) =>
        statement.effect === 'Deny' &&
        (!isAmong(has, statement) || (isReread && mentions(statement, OF_ATTRIBUTES))),
    ) ||
    before.some(
      (cap) =>
        cap.kind === 'boundary' &&
        !after.some((each) => each.kind === 'boundary' && contentOf(each) === contentOf(cap)),
    )
  return isFreed
    ? allows
    : allows.filter(
        ({ statement }) => !isAmong(allowed, statement) || (isReread && mentions(statement, OF_ATTRIBUTES)),
      )
}

/**
 * The first Allow that a change gives and that cannot be shown to be within what the giver may do: for every layer of the giver, an Allow at least
 * as wide under no further condition, and no Deny that touches it. Undefined: everything that is given is, for certain, within. The other way
 * round it may find one in rights that are (policy.md section 6: never a false PASS). For accounts that the giver's layers do not cap at every
 * request; the others need no proof.
 */
export const findUnprovenRight = (grant: Grant, { actions }: Catalogue): UnprovenRight | undefined => {
  if (grant.granter.length > 0 && grant.granter.every(isUnlimited)) return undefined
  const after = placedIn(grant.after, grant.caller)
  for (const action of actions.values()) {
    const folded = foldAction(action.name)
    const about = ({ statement }: Placed): boolean => matchesAction(statement, folded)
    for (const given of givenStatements(grant, about)) {
      for (const layer of grant.granter) {
        const own = placedIn([layer], grant.caller).filter(about)
        const isWithin =
          own.some((wide) => isAsWide(wide, given, action)) &&
          own.every(
            (placed) => placed.statement.effect === 'Allow' || isHarmless(placed, given, { action, after }),
          )
        if (!isWithin) return { action: action.name, statement: given.statement, layer }
      }
    }
  }
  return undefined
}
