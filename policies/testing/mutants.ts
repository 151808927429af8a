import { listOf } from '../engine/condition.ts'
import { numberText, parseNumber } from '../engine/values.ts'
import { localPartOf, parseOperator, type PolicyDocument, type Scalar, type Statement } from '../language.ts'

/** A document with one thing changed that tests should notice. */
export interface Mutant {
  /** The statement, by its number from 0. */
  readonly statement: number
  /** Where the change is, as a pointer into the statement: `/Action/0`. */
  readonly pointer: string
  /** In words: `without this Deny`. */
  readonly change: string
  readonly document: PolicyDocument
}

/** A changed statement; undefined: it is gone. */
interface Change {
  readonly pointer: string
  readonly change: string
  readonly statement: Statement | undefined
}

type Values = Scalar | readonly Scalar[]

/** Only the first values of longer lists are tried. */
const MAX_VALUES = 16

const ELEMENTS = ['Action', 'NotAction', 'Resource', 'NotResource'] as const

/** A pointer to an item of a list, or to the element that has no list. */
const itemPointer = (element: string, values: Values, index: number): string =>
  Array.isArray(values) ? `/${element}/${index}` : `/${element}`

const withItem = (values: Values, index: number, value: Scalar): Values =>
  Array.isArray(values) ? (values as readonly Scalar[]).map((each, i) => (i === index ? value : each)) : value

const withoutItem = (values: Values, index: number): Scalar[] =>
  listOf<Scalar>(values).filter((_each, i) => i !== index)

/**
 * The action or resource with more behind it: all verbs of the service, or all that lies beside the resource.
 */
const widened = (element: string, pattern: string): string | undefined => {
  const isAction = element.endsWith('Action')
  const at = isAction ? pattern.indexOf(':') : pattern.lastIndexOf('/')
  const wide = at === -1 ? '*' : `${pattern.slice(0, at + 1)}*`
  if (wide !== pattern) return wide
  return pattern === '*' || isAction ? undefined : widened(element, pattern.slice(0, at))
}

function* patternChanges(statement: Statement): Generator<Change> {
  for (const element of ELEMENTS) {
    const values = statement[element]
    if (values === undefined) continue
    const items = listOf<string>(values)
    for (const [index, pattern] of items.slice(0, MAX_VALUES).entries()) {
      const pointer = itemPointer(element, values, index)
      const wide = widened(element, pattern)
      if (wide !== undefined && !items.includes(wide))
        yield {
          pointer,
          change: `${wide} instead of ${pattern}`,
          statement: { ...statement, [element]: withItem(values, index, wide) },
        }
      if (items.length > 1)
        yield {
          pointer,
          change: `without ${pattern}`,
          statement: { ...statement, [element]: withoutItem(values, index) },
        }
    }
  }
}

/** The statement with other values of one condition, under another operator or key if they are given. */
const withCondition = (
  statement: Statement,
  [operator, key]: readonly [string, string],
  to: { operator?: string; key?: string; values?: Values } | undefined,
): Statement => {
  const entries = Object.entries(statement.Condition ?? {}).flatMap(([name, keys]) =>
    Object.entries(keys).map(([each, values]) =>
      name !== operator || each !== key
        ? { name, each, values }
        : to && { name: to.operator ?? name, each: to.key ?? each, values: to.values ?? values },
    ),
  )
  const Condition: Record<string, Record<string, Values>> = {}
  for (const entry of entries)
    if (entry !== undefined) (Condition[entry.name] ??= {})[entry.each] = entry.values
  return { ...statement, Condition }
}

const MICROS = 1_000_000

const moved = (value: Scalar, by: number): string | undefined => {
  const number = parseNumber(String(value))
  return number === undefined ? undefined : numberText(Number(number) / MICROS + by)
}

/** A bound one unit up or down: what `<` for `<=` would do. Instants move by a second. */
const movedInstant = (value: Scalar, by: number): string | undefined => {
  const instant = Date.parse(String(value))
  return Number.isNaN(instant) ? undefined : new Date(instant + by * 1000).toISOString()
}

function* boundChanges(
  statement: Statement,
  at: readonly [operator: string, key: string],
  values: Values,
): Generator<Change> {
  const operator = parseOperator(at[0])?.operator
  if (operator?.compare === undefined || operator.compare === 'eq' || localPartOf(operator) !== undefined)
    return
  const move = operator.family === 'date' ? movedInstant : moved
  for (const [index, value] of listOf<Scalar>(values).entries())
    for (const by of [-1, 1]) {
      const other = move(value, by)
      if (other !== undefined)
        yield {
          pointer: `/Condition/${at[0]}/${at[1]}`,
          change: `${other} instead of ${String(value)}`,
          statement: withCondition(statement, at, { values: withItem(values, index, other) }),
        }
    }
}

function* conditionChanges(statement: Statement): Generator<Change> {
  for (const [operator, keys] of Object.entries(statement.Condition ?? {}))
    for (const [key, values] of Object.entries(keys)) {
      const at = [operator, key] as const
      const pointer = `/Condition/${operator}/${key}`
      const change = (text: string, to: Parameters<typeof withCondition>[2]): Change => ({
        pointer,
        change: text,
        statement: withCondition(statement, at, to),
      })
      yield change('without this condition', undefined)
      if (operator.endsWith('IfExists'))
        yield change('without IfExists', { operator: operator.slice(0, -'IfExists'.length) })
      const items = listOf<Scalar>(values)
      if (items.length > 1) {
        for (const [index, value] of items.slice(0, MAX_VALUES).entries())
          yield change(`without ${String(value)}`, { values: withoutItem(values, index) })
        const joined = items.map(String).join(',')
        yield change(`${joined} as one value`, { values: joined })
      }
      yield* boundChanges(statement, at, values)
    }
}

const SIDES: Readonly<Record<string, string>> = { principal: 'caller', caller: 'principal' }

const swapText = (text: string): string =>
  text.replace(
    /(\$\{\s*)(principal|caller)(?=\.)/g,
    (_all, open: string, side: string) => `${open}${SIDES[side] ?? side}`,
  )

const swapValues = (values: Values): Values => {
  const swap = (value: Scalar): Scalar => (typeof value === 'string' ? swapText(value) : value)
  return Array.isArray(values) ? (values as readonly Scalar[]).map(swap) : swap(values as Scalar)
}

/** The owner of the layer in the place of who asks, and the reverse: in variables, then in keys. */
function* sideChanges(statement: Statement): Generator<Change> {
  const change = 'principal and caller swapped'
  for (const element of ELEMENTS) {
    const values = statement[element]
    if (values === undefined) continue
    for (const [index, pattern] of listOf<string>(values).slice(0, MAX_VALUES).entries()) {
      const swapped = swapText(pattern)
      if (swapped !== pattern)
        yield {
          pointer: itemPointer(element, values, index),
          change,
          statement: { ...statement, [element]: withItem(values, index, swapped) },
        }
    }
  }
  for (const [operator, keys] of Object.entries(statement.Condition ?? {}))
    for (const [key, values] of Object.entries(keys)) {
      const [side = '', ...rest] = key.split('.')
      const other = SIDES[side] === undefined ? key : [SIDES[side], ...rest].join('.')
      const swapped = swapValues(values)
      if (other !== key || JSON.stringify(swapped) !== JSON.stringify(values))
        yield {
          pointer: `/Condition/${operator}/${key}`,
          change,
          statement: withCondition(statement, [operator, key], { key: other, values: swapped }),
        }
    }
}

function* changesOf(statement: Statement): Generator<Change> {
  const isDeny = statement.Effect === 'Deny'
  if (isDeny) yield { pointer: '', change: 'without this Deny', statement: undefined }
  yield {
    pointer: '/Effect',
    change: isDeny ? 'Allow instead of Deny' : 'Deny instead of Allow',
    statement: { ...statement, Effect: isDeny ? 'Allow' : 'Deny' },
  }
  yield* patternChanges(statement)
  yield* conditionChanges(statement)
  yield* sideChanges(statement)
}

/** Every document that differs from this one by one plausible mistake. */
export function* mutantsOf(document: PolicyDocument): Generator<Mutant> {
  for (const [number, original] of document.Statement.entries())
    for (const { pointer, change, statement } of changesOf(original)) {
      const statements = document.Statement.flatMap((each, index) =>
        index === number ? (statement ?? []) : each,
      )
      yield { statement: number, pointer, change, document: { ...document, Statement: statements } }
    }
}
