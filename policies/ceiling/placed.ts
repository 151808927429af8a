import { numberText } from '../engine/values.ts'
import { isAttribute } from '../engine/attribute-values.ts'
import type { CompiledStatement } from '../engine/compile.ts'
import { foldAction } from '../engine/compile.ts'
import type { Condition } from '../engine/condition.ts'
import { symbolsOf, type Symbols } from '../engine/covers.ts'
import type { Context, OwnedLayer, PrincipalFacts } from '../engine/decide.ts'
import { globUnits } from '../engine/match.ts'
import { isOperand, operandOf, variablesIn } from '../engine/operands.ts'
import { parseTemplate, type Template, type View } from '../engine/template.ts'
import { isOfAccount, localPartOf, parseOperator, type Operator, type Effect } from '../language.ts'
import { ANY_VALUE, NO_VALUE, type Constraint, type Test } from './constraints.ts'
import { complement, spansOf } from './spans.ts'

/** What stands for a list of patterns: what they match, or what they do not. */
export interface Matched {
  readonly patterns: readonly Symbols[]
  readonly isComplement: boolean
}

/**
 * A statement as it reads in its layer: what is known of accounts stands in it as text, and conditions on
 * that alone are gone.
 */
export interface Placed {
  readonly statement: CompiledStatement
  readonly actions: Matched
  readonly resources: Matched
  readonly constraints: readonly Constraint[]
}

/** What is known of accounts when a statement is read. */
export interface Reading {
  readonly facts: Context & PrincipalFacts
  /** Whether a key of an account is not known, rather than absent. */
  readonly isOpen: (key: string) => boolean
}

/**
 * How the statements of a layer are read for requests of this caller. An account without an id leaves nothing
 * beyond what is given is known: it stands for several.
 */
export const readingOf = (principal: PrincipalFacts, caller: Context): Reading => {
  const facts = { ...caller, ...principal }
  const isKnown = { principal: 'principal.id' in principal, caller: 'caller.id' in caller }
  return {
    facts,
    isOpen: (key) => {
      const isOfKnown = isKnown[key.startsWith('principal.') ? 'principal' : 'caller']
      return isOfAccount(key) && !isOfKnown && !Object.hasOwn(facts, key)
    },
  }
}

const factText = ({ facts }: Reading, key: string): string | undefined => {
  const fact = Object.hasOwn(facts, key) ? facts[key] : undefined
  return typeof fact === 'number' ? numberText(fact) : typeof fact === 'object' ? undefined : fact?.toString()
}

/** The pattern as it reads there; undefined if it has a variable without a value, and matches nothing. */
const placeTemplate = (template: Template, reading: Reading): Symbols | undefined => {
  const parts: Template[number][] = []
  for (const part of template) {
    const isFact =
      typeof part === 'object' && 'key' in part && isOfAccount(part.key) && !reading.isOpen(part.key)
    const text = isFact ? (factText(reading, part.key) ?? part.fallback) : undefined
    if (isFact && text === undefined) return undefined
    parts.push(text ?? part)
  }
  return symbolsOf(parts)
}

const placePatterns = (templates: readonly (Template | undefined)[], reading: Reading): Symbols[] =>
  templates.flatMap((template) => {
    const placed = template && placeTemplate(template, reading)
    return placed === undefined ? [] : [placed]
  })

const OF_ATTRIBUTES = /(?:\.attributes\.|^resource\.)/

/** A condition with the effect of its statement. */
interface Meant {
  readonly condition: Condition
  readonly effect: Effect
}

/** Whether a value that cannot be read meets it: of an attribute of an account, whatever a Deny asks. */
const takesJunk = ({ condition: { key }, effect }: Meant, isNegated: boolean): boolean =>
  isAttribute(key) ? effect === 'Deny' : isNegated

/** Whether a value, or a variable, that cannot be read meets it. */
const takesUnreadable = (meant: Meant, isNegated: boolean): boolean =>
  variablesIn(meant.condition).some(({ key }) => isAttribute(key))
    ? meant.effect === 'Deny'
    : takesJunk(meant, isNegated)

/**
 * Values as they read there: variables that are known as their texts, those that are not as they are written.
 */
interface PlacedValues {
  readonly texts: readonly string[]
  readonly isOpen: boolean
  /** An attribute of an account stands there that cannot be read. */
  readonly isUnreadable: boolean
}

const placeValues = ({ expected }: Condition, family: Operator['family'], reading: Reading): PlacedValues => {
  const texts: string[] = []
  let [isOpen, isUnreadable] = [false, false]
  for (const source of expected) {
    const variable = operandOf(source)
    if (variable === undefined) texts.push(source)
    else if (!isOfAccount(variable.key) || reading.isOpen(variable.key)) {
      isOpen = true
      texts.push(JSON.stringify(variable))
    } else {
      const fact = reading.facts[variable.key]
      const text = factText(reading, variable.key)
      const isThere = fact !== undefined && (typeof fact !== 'object' || fact.length > 0)
      isUnreadable ||=
        isThere && isAttribute(variable.key) && (text === undefined || !isOperand(family, text))
      const value = isThere ? text : variable.fallback
      if (value !== undefined) texts.push(value)
    }
  }
  return { texts, isOpen, isUnreadable }
}

const orderedTest = (meant: Meant, reading: Reading): Test => {
  const { operatorName, key } = meant.condition
  const { operator } = parseOperator(operatorName) ?? {}
  const family = operator?.family
  if (operator === undefined || (family !== 'number' && family !== 'date' && family !== 'ip')) return NO_VALUE
  const { negated, compare = '' } = operator
  const { texts, isOpen, isUnreadable } = placeValues(meant.condition, family, reading)
  if (isUnreadable) return meant.effect === 'Deny' ? ANY_VALUE : NO_VALUE
  const junk = takesJunk(meant, negated)
  // What is said of a resource or an account may be a network; then runs of addresses say too little.
  if (isOpen || localPartOf(operator) !== undefined || (family === 'ip' && OF_ATTRIBUTES.test(key))) {
    const values = [...new Set(texts)].toSorted((a, b) => (a < b ? -1 : 1))
    // With its negation it makes up everything: of the two, one takes what cannot be read.
    const id = JSON.stringify([family, compare, takesUnreadable(meant, negated) !== negated, values])
    return { kind: 'opaque', id, negated }
  }
  const spans = spansOf(family, operator, texts)
  return { kind: 'span', family, spans: negated ? complement(spans) : spans, junk }
}

/** True and false are two texts; where everything else passes too, the other one does not. */
const boolTest = (meant: Meant): Test => {
  const texts = ['true', 'false']
  const negated = takesJunk(meant, false)
  const named = texts.filter((text) => meant.condition.expected.includes(text) !== negated)
  return { kind: 'text', fold: false, negated, patterns: named.map((text) => symbolsOf([text])) }
}

const testOf = (meant: Meant, reading: Reading): Test => {
  const { operatorName, expected } = meant.condition
  const { operator } = parseOperator(operatorName) ?? {}
  if (operator === undefined) return NO_VALUE
  const { family, negated, ignoreCase = false } = operator
  if (family === 'bool') return boolTest(meant)
  if (family !== 'string' && family !== 'like') return orderedTest(meant, reading)
  const templates = expected.map((text) => parseTemplate(text, family === 'like' ? 'glob' : 'text'))
  return { kind: 'text', fold: ignoreCase, negated, patterns: placePatterns(templates, reading) }
}

const ABSENT: View = { values: () => undefined }

/** A key that is known is another one in each account; by its value they are told apart. */
const keyIn = (key: string, reading: Reading): string =>
  !isOfAccount(key) || reading.isOpen(key) ? key : `${key} ${JSON.stringify(factText(reading, key))}`

const constraintOf = (meant: Meant, reading: Reading): Constraint => {
  const { condition } = meant
  const { holds, operatorName } = condition
  const key = keyIn(condition.key, reading)
  const missing = holds(ABSENT)
  const { operator, quantifier } = parseOperator(operatorName) ?? {}
  if (operator?.family === 'null') {
    const isPresent = holds({ values: () => 'present' })
    return { key, missing, test: isPresent ? ANY_VALUE : NO_VALUE, sets: isPresent ? 'every' : 'none' }
  }
  if (operator?.family === 'size') {
    const { compare = '', negated } = operator
    const values = [...new Set(condition.expected)].toSorted((a, b) => (a < b ? -1 : 1))
    // Known by its words alone: the negation of all is some.
    const test: Test = { kind: 'opaque', id: JSON.stringify(['size', compare, values]), negated }
    return { key, missing, test, sets: negated ? 'some' : 'all' }
  }
  const sets = quantifier === 'all' ? 'all' : quantifier === 'any' ? 'some' : 'none'
  return { key, missing, test: testOf(meant, reading), sets }
}

/** Whether a condition holds, if that is known of the accounts alone. */
const known = (condition: Condition, reading: Reading): boolean | undefined => {
  const isFact = (key: string): boolean => isOfAccount(key) && !reading.isOpen(key)
  if (!isFact(condition.key) || !variablesIn(condition).every(({ key }) => isFact(key))) return undefined
  return condition.holds({
    values: (key) => {
      const fact = Object.hasOwn(reading.facts, key) ? reading.facts[key] : undefined
      if (typeof fact === 'object') return fact.length === 0 ? undefined : fact
      return factText(reading, key)
    },
  })
}

const EVERYTHING = symbolsOf([globUnits('*')])

const place = (statement: CompiledStatement, reading: Reading): Placed[] => {
  const constraints: Constraint[] = []
  for (const condition of statement.conditions) {
    const holds = known(condition, reading)
    if (holds === false) return []
    if (holds === undefined) constraints.push(constraintOf({ condition, effect: statement.effect }, reading))
  }
  const { action, resource } = statement
  const actions = action.sources.map((source) => symbolsOf([globUnits(foldAction(source))]))
  const resources = resource.patterns.map((pattern, n) => (resource.sources[n] === '*' ? undefined : pattern))
  const stars = resource.sources.includes('*') ? [EVERYTHING] : []
  return [
    {
      statement,
      actions: { patterns: actions, isComplement: action.isComplement },
      resources: {
        patterns: [...stars, ...placePatterns(resources, reading)],
        isComplement: resource.isComplement,
      },
      constraints,
    },
  ]
}

/**
 * The statements of a layer as they read for requests of this caller; those that can never match are gone.
 */
export const placedIn = ({ layer, principal }: OwnedLayer, caller: Context): Placed[] => {
  const reading = readingOf(principal, caller)
  return layer.statements.flatMap((statement) => place(statement, reading))
}
