import { foldAction } from '../engine/compile.ts'
import { listOf } from '../engine/condition.ts'
import type { PolicyDocument, Scalar, Statement } from '../language.ts'
import { canonicalStatement } from './canonical.ts'
import type { DiffStatements, ElementChange, StatementChange } from './types.ts'

/** What a statement says, element by element: each value by what it is compared by. */
type Elements = ReadonlyMap<string, ReadonlyMap<string, string>>

interface Placed {
  readonly statement: Statement
  readonly index: number
  readonly elements: Elements
  /** The same for all statements that say the same, whatever they are called. */
  readonly text: string
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Values as a set; of those that are one when folded, the first is shown. */
const setOf = (
  values: Scalar | readonly Scalar[],
  fold: (value: string) => string = (value) => value,
): Map<string, string> => {
  const found = new Map<string, string>()
  for (const value of listOf<Scalar>(values).map(String))
    if (!found.has(fold(value))) found.set(fold(value), value)
  return found
}

/** Beyond this many statements on both sides, those without a Sid are paired by what they say alone. */
const MAX_COMPARED = 256

const elementsOf = ({
  Effect,
  Action,
  NotAction,
  Resource,
  NotResource,
  Condition = {},
}: Statement): Elements => {
  const elements = new Map<string, ReadonlyMap<string, string>>([['Effect', setOf(Effect)]])
  const put = (name: string, values: string | readonly string[] | undefined, fold?: typeof foldAction) => {
    if (values !== undefined) elements.set(name, setOf(values, fold))
  }
  put('Action', Action, foldAction)
  put('NotAction', NotAction, foldAction)
  put('Resource', Resource)
  put('NotResource', NotResource)
  for (const [operator, keys] of Object.entries(Condition))
    for (const [key, values] of Object.entries(keys))
      elements.set(`Condition ${operator} ${key}`, setOf(values))
  return elements
}

const placed = (document: PolicyDocument | null): Placed[] =>
  (document?.Statement ?? []).map((statement, index) => {
    const elements = elementsOf(statement)
    const sorted = [...elements]
      .map(([name, values]) => [name, [...values.keys()].sort(byText)] as const)
      .sort(([a], [b]) => byText(a, b))
    return { statement, index, elements, text: JSON.stringify(sorted) }
  })

const NONE: ReadonlyMap<string, string> = new Map()

/** The elements in which two statements differ, as sets of values. */
const changedElements = (before: Elements, after: Elements): ElementChange[] =>
  [...new Set([...before.keys(), ...after.keys()])].flatMap((element) => {
    const [old, fresh] = [before.get(element) ?? NONE, after.get(element) ?? NONE]
    const added = [...fresh].filter(([value]) => !old.has(value)).map(([, shown]) => shown)
    const removed = [...old].filter(([value]) => !fresh.has(value)).map(([, shown]) => shown)
    const kept = [...fresh].filter(([value]) => old.has(value)).map(([, shown]) => shown)
    return added.length + removed.length === 0 ? [] : [{ element, added, removed, kept }]
  })

/** How many values two statements share, of those that name a right. */
const likeness = (a: Placed, b: Placed): number =>
  a.statement.Effect !== b.statement.Effect
    ? 0
    : [...a.elements].reduce(
        (sum, [name, values]) =>
          sum +
          (name === 'Effect'
            ? 0
            : [...values.keys()].filter((value) => b.elements.get(name)?.has(value)).length),
        0,
      )

interface Pair {
  readonly before: Placed
  readonly after: Placed
}

/** Takes the pairs out of both lists that a rule finds, in the order of the new document. */
const takePairs = (
  old: Placed[],
  fresh: Placed[],
  find: (after: Placed, candidates: readonly Placed[]) => Placed | undefined,
): Pair[] =>
  [...fresh].flatMap((after) => {
    const before = find(after, old)
    if (before === undefined) return []
    old.splice(old.indexOf(before), 1)
    fresh.splice(fresh.indexOf(after), 1)
    return [{ before, after }]
  })

const mostAlike = (after: Placed, candidates: readonly Placed[]): Placed | undefined => {
  let best: Placed | undefined
  let most = 0
  for (const candidate of candidates) {
    if (candidate.statement.Sid !== undefined && after.statement.Sid !== undefined) continue
    const shared = likeness(candidate, after)
    if (shared > most) [best, most] = [candidate, shared]
  }
  return best
}

const change = (
  { statement, index }: Placed,
  {
    verb,
    elements = [],
    before = null,
  }: {
    verb: StatementChange['verb']
    elements?: readonly ElementChange[]
    before?: Statement | null
  },
): StatementChange => ({
  verb,
  sid: statement.Sid ?? before?.Sid ?? null,
  index,
  before: verb === 'delete' ? statement : before,
  after: verb === 'delete' ? null : statement,
  elements,
})

/**
 * The statements that differ between two texts of a document; null: it is not there. Those of one Sid are one
 * statement, then those that say the same, then those that share most. Order, duplicates, `"x"` for `["x"]`
 * and the case of actions are no difference; a statement that says the same under another Sid is, as a change
 * without elements. In the order of the new document, those that go last.
 */
export const diffStatements: DiffStatements = (before, after) => {
  const [old, fresh] = [placed(before), placed(after)]
  const isSmall = old.length + fresh.length <= 2 * MAX_COMPARED
  const pairs = [
    ...takePairs(old, fresh, ({ statement: { Sid }, text }, candidates) =>
      candidates.find((each) => each.text === text && each.statement.Sid === Sid),
    ),
    ...takePairs(old, fresh, ({ statement: { Sid } }, candidates) =>
      Sid === undefined ? undefined : candidates.find((each) => each.statement.Sid === Sid),
    ),
    ...takePairs(old, fresh, ({ text }, candidates) => candidates.find((each) => each.text === text)),
    ...(isSmall ? takePairs(old, fresh, mostAlike) : []),
  ]
  const changed = pairs.flatMap((pair): StatementChange[] => {
    const elements = changedElements(pair.before.elements, pair.after.elements)
    const isSame = elements.length === 0 && pair.before.statement.Sid === pair.after.statement.Sid
    const was = pair.before.statement
    return isSame ? [] : [change(pair.after, { verb: 'update', elements, before: was })]
  })
  return [
    ...[...changed, ...fresh.map((each) => change(each, { verb: 'create' }))].sort(
      (a, b) => a.index - b.index,
    ),
    ...old.map((each) => change(each, { verb: 'delete' })),
  ]
}

/**
 * The statements of a document, by number, that another one does not have: those that somebody has changed
 * or added. Without the other, all of them.
 */
export const changedStatements = (
  document: Pick<PolicyDocument, 'Statement'>,
  before: Pick<PolicyDocument, 'Statement'> | undefined,
): ReadonlySet<number> => {
  const known = new Set(before?.Statement.map((each) => JSON.stringify(canonicalStatement(each))))
  const isNew = (each: Statement): boolean => !known.has(JSON.stringify(canonicalStatement(each)))
  return new Set([...document.Statement.entries()].flatMap(([index, each]) => (isNew(each) ? [index] : [])))
}
