import { createBudget, GrantTooLarge } from '../ceiling/grant.ts'
import { compilePolicy, type CompiledPolicy } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { ConditionBlock, PolicyDocument, Scalar, Statement } from '../language.ts'
import { isWithin } from './new-access.ts'

/** A part of a document that says nothing which the rest does not say. */
export interface Superfluous {
  /** The number of its statement in the document as it was. */
  readonly statement: number
  /** Where it stands in the statement: `/Action/0`; empty for the statement itself. */
  readonly pointer: string
  /** What it is, in words: `Action orders:Read`. */
  readonly what: string
}

/** A document without what is superfluous. */
export interface Simplified {
  readonly document: PolicyDocument
  readonly removed: readonly Superfluous[]
}

/** What may be left out of a document. */
export interface Simplifying {
  /** Whether whole statements may go; not if somebody calls them by their name or number. */
  readonly mayDropStatements: boolean
  /** Whether a document is valid: what guards a condition may be needed though it changes nothing. */
  readonly isValid: (document: PolicyDocument) => boolean
}

const EVERYTHING: Statement = { Effect: 'Allow', Action: '*', Resource: '*' }

const policyOf = (statements: readonly Statement[]): CompiledPolicy[] => [
  compilePolicy({ Statement: statements }, { name: 'simplified', hash: JSON.stringify(statements) }),
]

const isDeny = ({ Effect }: Statement): boolean => Effect === 'Deny'

/** Whether all requests that a statement is about are about one or another of the Denies too; for certain. */
const isDenied = (statement: Statement, denies: readonly Statement[]): boolean =>
  isWithin(
    policyOf([EVERYTHING, ...denies]),
    policyOf([EVERYTHING, { ...statement, Effect: 'Deny' }]),
    createBudget(),
  )

/** Whether all that a statement allows beside these is allowed by them; for certain. */
const isAllowed = (statement: Statement, others: readonly Statement[]): boolean =>
  isWithin(policyOf([statement, ...others.filter(isDeny)]), policyOf(others), createBudget())

/**
 * Whether a statement may be replaced by what is left of it, for certain: the Denies are about the same
 * requests as before, and what they leave of the Allows is the same. So it is the same wherever the document
 * is attached, and whatever stands beside it.
 */
const isSame = (whole: Statement, left: readonly Statement[], rest: readonly Statement[]): boolean => {
  try {
    const [before, after] = [
      [...rest, whole],
      [...rest, ...left],
    ]
    if (isDeny(whole))
      return (
        isDenied(whole, after.filter(isDeny)) && left.every((each) => isDenied(each, before.filter(isDeny)))
      )
    const isCovered = isAllowed(whole, after) || (left.length === 0 && isDenied(whole, rest.filter(isDeny)))
    return isCovered && left.every((each) => isAllowed(each, before))
  } catch (error) {
    if (error instanceof GrantTooLarge) return false
    throw error
  }
}

/** What a statement would be without one part of it. */
interface Candidate extends Omit<Superfluous, 'statement'> {
  readonly left: Statement
}

/** The items of a list from the last one on, each with the list without it; none for what has only one. */
const shorter = <T extends Scalar>(values: T | readonly T[]) => {
  const list = listOf<T>(values)
  if (list.length < 2) return []
  return [...list.keys()]
    .toReversed()
    .map((index) => ({ index, item: list[index], rest: list.toSpliced(index, 1) }))
}

const LISTS = ['Action', 'NotAction', 'Resource', 'NotResource'] as const

const withCondition = (statement: Statement, Condition: ConditionBlock): Statement => {
  const { Condition: _old, ...bare } = statement
  const filled = Object.entries(Condition).filter(([, keys]) => Object.keys(keys).length > 0)
  return filled.length === 0 ? bare : { ...bare, Condition: Object.fromEntries(filled) }
}

const conditionCandidates = (statement: Statement): Candidate[] => {
  const { Condition = {} } = statement
  return Object.entries(Condition)
    .toReversed()
    .flatMap(([operator, keys]) =>
      Object.entries(keys)
        .toReversed()
        .flatMap(([key, values]): Candidate[] => {
          const { [key]: _dropped, ...others } = keys
          const pointer = `/Condition/${operator}/${key}`
          return [
            {
              pointer,
              what: `the condition ${operator} ${key}`,
              left: withCondition(statement, { ...Condition, [operator]: others }),
            },
            ...shorter(values).map(({ index, item, rest }) => ({
              pointer: `${pointer}/${index}`,
              what: `${operator} ${key} ${String(item)}`,
              left: withCondition(statement, { ...Condition, [operator]: { ...keys, [key]: rest } }),
            })),
          ]
        }),
    )
}

const candidatesOf = (statement: Statement): Candidate[] => [
  ...LISTS.flatMap((name) =>
    shorter(statement[name] ?? []).map(({ index, item, rest }) => ({
      pointer: `/${name}/${index}`,
      what: `${name} ${String(item)}`,
      left: { ...statement, [name]: rest },
    })),
  ),
  ...conditionCandidates(statement),
]

/** The first part that can be left out of a statement, tried from one on, and what is left. */
const nextCandidate = (
  statement: Statement,
  rest: readonly Statement[],
  accepts: (left: Statement) => boolean,
): Candidate | undefined =>
  candidatesOf(statement).find(({ left }) => isSame(statement, [left], rest) && accepts(left))

/**
 * A document without the statements, patterns, values and conditions that are proved to be superfluous: it
 * decides every request as before, also together with other policies. The later of two that say the same
 * goes.
 * What cannot be proved stays.
 */
export const simplifyDocument = (
  document: PolicyDocument,
  { mayDropStatements, isValid }: Simplifying,
): Simplified => {
  const statements: (Statement | undefined)[] = [...document.Statement]
  const removed: Superfluous[] = []
  const built = (): PolicyDocument => ({
    ...document,
    Statement: statements.filter((each) => each !== undefined),
  })
  /** Puts another one in its place, if the document is valid with it. */
  const accepts =
    (index: number) =>
    (left: Statement | undefined): boolean => {
      const before = statements[index]
      statements[index] = left
      if (isValid(built())) return true
      statements[index] = before
      return false
    }
  for (const index of [...statements.keys()].toReversed()) {
    const restOf = (): Statement[] =>
      statements.filter((each, other) => each !== undefined && other !== index) as Statement[]
    const rest = restOf()
    const whole = statements[index]
    if (whole === undefined) continue
    if (mayDropStatements && rest.length > 0 && isSame(whole, [], rest) && accepts(index)(undefined)) {
      removed.push({ statement: index, pointer: '', what: 'the statement' })
      continue
    }
    for (let current = whole; ;) {
      const found = nextCandidate(current, rest, accepts(index))
      if (found === undefined) break
      removed.push({ statement: index, pointer: found.pointer, what: found.what })
      current = found.left
    }
  }
  return { document: built(), removed: removed.toReversed() }
}
