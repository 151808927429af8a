import { compilePolicy } from '../engine/compile.ts'
import type { PolicySet } from '../set/read.ts'
import type { Position } from '../text/json.ts'
import { mutantsOf } from './mutants.ts'
import { answerOf, questionsOf } from './questions.ts'
import { isAsExpected } from './run.ts'
import { createWorld, withPolicy } from './world.ts'

/** A mistake in a policy that no test notices. */
export interface Survivor extends Position {
  readonly file: string
  readonly policy: string
  /** Its Sid, or its number from 0. */
  readonly statement: string
  /** In words: `orders:* instead of orders:Read`. */
  readonly change: string
}

/** What came of the mistakes. */
export interface MutationRun {
  readonly mutants: number
  readonly survivors: readonly Survivor[]
}

/**
 * Makes one plausible mistake after the other in the documents of a set and runs its tests: a mistake that
 * none notices survives. The tests must pass as they are. Some survivors mean the same as the original, such
 * as a pattern that another of the list covers; lint names most of them. `now` in epoch milliseconds.
 */
export const mutateSet = (set: PolicySet, { now }: { readonly now: number }): MutationRun => {
  const world = createWorld(set)
  const questions = questionsOf(set, now)
  const survivors: Survivor[] = []
  let mutants = 0
  for (const { document, file, placeOf, writtenAt } of set.documents) {
    const name = document.Id
    const concerned = questions.filter(({ person }) =>
      world.layersOf(person).some(({ layer }) => layer.policies.some((policy) => policy.name === name)),
    )
    for (const { document: changed, statement, pointer, change } of mutantsOf(document)) {
      mutants += 1
      const mutated = withPolicy(world, compilePolicy(changed, { name, hash: '', writtenAt }))
      if (concerned.some((question) => !isAsExpected(question, answerOf(mutated, question)))) continue
      survivors.push({
        file,
        ...placeOf(statement, pointer),
        policy: name,
        statement: document.Statement[statement]?.Sid ?? String(statement),
        change,
      })
    }
  }
  return { mutants, survivors }
}
