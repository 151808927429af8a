import type { Catalogue } from '../catalogue.ts'
import { matchesAction, type CompiledStatement } from '../engine/compile.ts'
import { viewOf, type OwnedLayer } from '../engine/decide.ts'
import { matchesStatementResource, targetOf } from '../engine/layer.ts'
import { OWN_SERVICES } from '../managed.ts'
import type { PolicySet, SetDocument } from '../set/read.ts'
import type { Position } from '../text/json.ts'
import type { Answer, Question } from './questions.ts'
import type { World } from './world.ts'

/** How often a condition held and did not hold, where the rest of its statement was about the question. */
export interface ConditionCoverage extends Position {
  readonly operator: string
  readonly key: string
  readonly whenTrue: number
  readonly whenFalse: number
}

/** How often a statement was met by the questions of the tests. */
export interface StatementCoverage extends Position {
  readonly file: string
  readonly policy: string
  /** Its Sid, or its number from 0. */
  readonly statement: string
  readonly effect: 'Allow' | 'Deny'
  /** It matched. */
  readonly matched: number
  /** It decided: the Deny that denies, or an Allow of what is allowed. */
  readonly decided: number
  /** Its action matched, and either its resource or its conditions did, but not both. */
  readonly nearly: number
  readonly conditions: readonly ConditionCoverage[]
}

/** A part of a whole, as two counts: nothing is rounded. */
export interface Share {
  readonly covered: number
  readonly total: number
}

/** What the tests of a set ask of its policies, and what they do not. */
export interface Coverage {
  readonly statements: readonly StatementCoverage[]
  /** Statements that decided something. */
  readonly decided: Share
  /** Both outcomes of every condition. */
  readonly outcomes: Share
  /** Actions of the services of the set that a question is about. */
  readonly actions: Share
  readonly untestedActions: readonly string[]
}

interface Counts {
  matched: number
  decided: number
  nearly: number
  readonly conditions: { whenTrue: number; whenFalse: number }[]
}

/** Counts what the questions meet. */
export interface Counter {
  readonly count: (question: Question, answer: Answer) => void
  readonly coverage: () => Coverage
}

interface Met {
  readonly statement: CompiledStatement
  readonly isMatch: boolean
}

const look = (
  statement: CompiledStatement,
  counts: Counts,
  [layer, question]: [OwnedLayer, Question],
): boolean => {
  const { request } = question
  const view = viewOf(layer, request)
  const isAbout = matchesStatementResource(statement, request.resource, view)
  const held = statement.conditions.map(({ holds }) => holds(view))
  const holdsAll = held.every(Boolean)
  if (isAbout)
    for (const [index, holds] of held.entries()) {
      const condition = counts.conditions[index]
      if (condition !== undefined) condition[holds ? 'whenTrue' : 'whenFalse'] += 1
    }
  if (isAbout && holdsAll) counts.matched += 1
  else if (isAbout !== holdsAll) counts.nearly += 1
  return isAbout && holdsAll
}

/** Two counts of one kind as one. */
const shareOf = (flags: readonly boolean[]): Share => ({
  covered: flags.filter(Boolean).length,
  total: flags.length,
})

const sharesOf = (
  statements: readonly StatementCoverage[],
): Pick<Coverage, 'statements' | 'decided' | 'outcomes'> => ({
  statements,
  decided: shareOf(statements.map(({ decided }) => decided > 0)),
  outcomes: shareOf(
    statements.flatMap(({ conditions }) =>
      conditions.flatMap(({ whenTrue, whenFalse }) => [whenTrue > 0, whenFalse > 0]),
    ),
  ),
})

/** The coverage of some statements only. Actions are those of the whole catalogue. */
export const coverageOf = (
  coverage: Coverage,
  isCounted: (statement: StatementCoverage) => boolean,
): Coverage => ({ ...coverage, ...sharesOf(coverage.statements.filter(isCounted)) })

const rowsOf = (
  document: SetDocument,
  statements: readonly CompiledStatement[],
  counts: ReadonlyMap<CompiledStatement, Counts>,
): StatementCoverage[] =>
  statements.flatMap((statement, index): StatementCoverage[] => {
    const found = counts.get(statement)
    if (found === undefined) return []
    const { matched, decided, nearly, conditions } = found
    return [
      {
        file: document.file,
        ...document.placeOf(index, ''),
        policy: document.document.Id,
        statement: statement.sid ?? String(index),
        effect: statement.effect,
        matched,
        decided,
        nearly,
        conditions: statement.conditions.map(({ operatorName: operator, key }, number) => ({
          operator,
          key,
          ...document.placeOf(index, `/Condition/${operator}/${key}`),
          whenTrue: conditions[number]?.whenTrue ?? 0,
          whenFalse: conditions[number]?.whenFalse ?? 0,
        })),
      },
    ]
  })

const ownActions = ({ actions }: Catalogue): string[] => {
  const own = new Set(OWN_SERVICES.map(({ service }) => service))
  return [...actions.keys()].filter((name) => !own.has(name.split(':')[0] ?? ''))
}

/** Counts for the documents of a set; what comes with authctl is not counted. */
export const createCounter = (set: PolicySet, world: World): Counter => {
  const counts = new Map<CompiledStatement, Counts>()
  for (const { document } of set.documents)
    for (const statement of world.policies.get(document.Id)?.statements ?? [])
      counts.set(statement, {
        matched: 0,
        decided: 0,
        nearly: 0,
        conditions: statement.conditions.map(() => ({ whenTrue: 0, whenFalse: 0 })),
      })
  const asked = new Set<string>()
  const metIn = (layer: OwnedLayer, question: Question, folded: string): Met[] =>
    layer.layer.statements.flatMap((statement) => {
      const found = counts.get(statement)
      if (found === undefined || !matchesAction(statement, folded)) return []
      return [{ statement, isMatch: look(statement, found, [layer, question]) }]
    })
  return {
    count: (question, { verdict, layers, decision }) => {
      asked.add(question.request.action)
      if (decision === undefined) return
      const { folded } = targetOf(question.request.action, question.request.resource)
      const deciding = new Set<CompiledStatement>()
      for (const layer of layers)
        for (const { statement, isMatch } of metIn(layer, question, folded))
          if (isMatch && verdict === 'ALLOW') deciding.add(statement)
      if (decision.statement !== undefined) deciding.add(decision.statement)
      for (const statement of deciding) {
        const found = counts.get(statement)
        if (found !== undefined) found.decided += 1
      }
    },
    coverage: () => {
      const statements = set.documents.flatMap((document) =>
        rowsOf(document, world.policies.get(document.document.Id)?.statements ?? [], counts),
      )
      const actions = ownActions(set.catalogue)
      return {
        ...sharesOf(statements),
        actions: shareOf(actions.map((name) => asked.has(name))),
        untestedActions: actions.filter((name) => !asked.has(name)),
      }
    },
  }
}

/** Whether a share reaches a percentage, without rounding: 2 of 3 do not reach 66.7. */
export const reaches = ({ covered, total }: Share, percent: number): boolean =>
  covered * 100 >= percent * total
