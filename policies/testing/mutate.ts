import {
  compilePolicy,
  foldAction,
  holdsAll,
  matchesAction,
  type CompiledStatement,
} from '../engine/compile.ts'
import { viewOf, type OwnedLayer } from '../engine/decide.ts'
import { matchesStatementResource } from '../engine/layer.ts'
import type { PolicySet } from '../set/read.ts'
import type { Position } from '../text/json.ts'
import { mutantsOf } from './mutants.ts'
import { answerOf, questionsOf, type Question } from './questions.ts'
import { isAsExpected } from './run.ts'
import type { StatementCoverage } from './coverage.ts'
import { createWorld, withPolicy, type World } from './world.ts'

/** A mistake in a policy that no test notices. */
export interface Survivor extends Position {
  readonly file: string
  readonly policy: string
  /** Its Sid, or its number from 0. */
  readonly statement: string
  /** In words: `orders:* instead of orders:Read`. */
  readonly change: string
}

/** Whether a statement, by its policy and its Sid or number, is one of those that are looked at. */
export type IsCounted = (statement: Pick<StatementCoverage, 'policy' | 'statement'>) => boolean

/** What came of the mistakes. */
export interface MutationRun {
  readonly mutants: number
  readonly survivors: readonly Survivor[]
}

/** What a statement says of a question in one layer; undefined: nothing. */
const saysIn = (
  statement: CompiledStatement | undefined,
  owned: OwnedLayer,
  { request }: Question,
): CompiledStatement['effect'] | undefined => {
  if (statement === undefined || !matchesAction(statement, foldAction(request.action))) return undefined
  const view = viewOf(owned, request)
  return matchesStatementResource(statement, request.resource, view) && holdsAll(statement, view)
    ? statement.effect
    : undefined
}

/** A question with the layers in which a policy has a say. */
interface Concerned {
  readonly question: Question
  readonly layers: readonly OwnedLayer[]
}

const concernedBy = (name: string, world: World, questions: readonly Question[]): Concerned[] =>
  questions.flatMap((question) => {
    const layers = world
      .layersOf(question.person)
      .filter(({ layer }) => layer.policies.some((policy) => policy.name === name))
    return layers.length === 0 ? [] : [{ question, layers }]
  })

/**
 * Makes one plausible mistake after the other in the documents of a set and runs its tests: a mistake that
 * none notices survives. The tests must pass as they are. Some survivors mean the same as the original, such
 * as a pattern that another of the list covers; lint names most of them. `now` in epoch milliseconds;
 * `isCounted` says in which statements mistakes are made.
 */
export const mutateSet = (
  set: PolicySet,
  { now, isCounted = () => true }: { readonly now: number; readonly isCounted?: IsCounted | undefined },
): MutationRun => {
  const world = createWorld(set)
  const questions = questionsOf(set, now)
  const survivors: Survivor[] = []
  let mutants = 0
  for (const { document, file, placeOf, writtenAt } of set.documents) {
    const name = document.Id
    const concerned = concernedBy(name, world, questions)
    for (const { document: changed, statement, pointer, change } of mutantsOf(document)) {
      const called = document.Statement[statement]?.Sid ?? String(statement)
      if (!isCounted({ policy: name, statement: called })) continue
      mutants += 1
      const policy = compilePolicy(changed, { name, hash: '', writtenAt })
      const before = world.policies.get(name)?.statements[statement]
      const after =
        changed.Statement.length < document.Statement.length ? undefined : policy.statements[statement]
      // Where the changed statement says the same as before, so does everything.
      const touched = concerned.filter(({ question, layers }) =>
        layers.some((owned) => saysIn(before, owned, question) !== saysIn(after, owned, question)),
      )
      const mutated = touched.length === 0 ? world : withPolicy(world, policy)
      if (touched.some(({ question }) => !isAsExpected(question, answerOf(mutated, question)))) continue
      survivors.push({
        file,
        ...placeOf(statement, pointer),
        policy: name,
        statement: called,
        change,
      })
    }
  }
  return { mutants, survivors }
}
