import type { CompiledStatement } from '../engine/compile.ts'
import { holdsAll, matchesAction } from '../engine/compile.ts'
import { viewOf, type Context, type OwnedLayer } from '../engine/decide.ts'
import { explain, type Explanation } from '../engine/explain.ts'
import { matchesStatementResource, targetOf } from '../engine/layer.ts'
import type { Verdict } from '../language.ts'
import type { PolicySet } from '../set/read.ts'
import { createCounter, type Coverage } from './coverage.ts'
import { proveInvariants, type InvariantResult } from './invariants.ts'
import {
  answerOf,
  questionsOf,
  type Answer,
  type Question,
  type Refusal,
  type TestPlace,
} from './questions.ts'
import { createWorld } from './world.ts'

/** A question that was answered otherwise than expected. */
export interface Failed {
  readonly principal: string
  readonly action: string
  readonly resource: string
  /** What is said with it, where the test does not say it itself: of an invariant. */
  readonly context?: Context
  /** In words: `ALLOW by read-only/NoRefunds`. */
  readonly expected: string
  readonly actual: Verdict
  /** Why no policy was asked; undefined if they were. */
  readonly refusal: Refusal | undefined
  readonly explanation: Explanation
}

/** What came of one test, or of one invariant, which is proved and asks nothing. */
export interface TestResult extends TestPlace {
  readonly questions: number
  /** The first ones. */
  readonly failed: readonly Failed[]
  readonly failedTotal: number
  /** For whom, in words, there is neither a proof of the invariant nor a request against it. */
  readonly unproven?: string
}

/** What came of all tests of a set. */
export interface TestRun {
  readonly results: readonly TestResult[]
  readonly questions: number
  readonly coverage: Coverage
}

/** How many failures of one test are explained. */
const MAX_EXPLAINED = 5

const layerName = ({ kind, principal }: OwnedLayer): string =>
  `${kind} of ${String(principal['principal.id'])}`

const isNamedBy = ({ policy, sid, index }: CompiledStatement, name: string): boolean =>
  name === policy.name || name === `${policy.name}/${sid ?? index}`

/** Whether a statement of that name and effect matches in the layer. */
const hasMatch = (
  owned: OwnedLayer,
  { request }: Question,
  { name, effect }: { name: string; effect: CompiledStatement['effect'] },
): boolean => {
  const { folded } = targetOf(request.action, request.resource)
  const view = viewOf(owned, request)
  return owned.layer.statements.some(
    (statement) =>
      statement.effect === effect &&
      isNamedBy(statement, name) &&
      matchesAction(statement, folded) &&
      matchesStatementResource(statement, request.resource, view) &&
      holdsAll(statement, view),
  )
}

/** Whether the answer is the expected one: the verdict, and if they are named the layer and the statement. */
export const isAsExpected = (question: Question, { verdict, layers, decision, refusal }: Answer): boolean => {
  // Such a question is not answered at all.
  if (refusal === 'unreadable') return false
  const { expected } = question
  const isVerdict = expected.verdict === 'DENY' ? verdict !== 'ALLOW' : verdict === expected.verdict
  if (!isVerdict) return false
  const { statement: name, layer } = expected
  if (name === undefined && layer === undefined) return true
  const deciding = verdict === 'ALLOW' ? layers : decision?.layer === undefined ? [] : [decision.layer]
  const named = layer === undefined ? deciding : deciding.filter((owned) => layerName(owned) === layer)
  if (name === undefined) return named.length > 0
  const effect = verdict === 'ALLOW' ? 'Allow' : 'Deny'
  return named.some((owned) => hasMatch(owned, question, { name, effect }))
}

const expectedText = ({ verdict, statement, layer }: Question['expected']): string =>
  [
    verdict,
    ...(statement === undefined ? [] : [`by ${statement}`]),
    ...(layer === undefined ? [] : [`in ${layer}`]),
  ].join(' ')

const failureOf = (question: Question, { verdict, layers, refusal }: Answer): Failed => ({
  principal: question.person.name,
  action: question.request.action,
  resource: question.request.resource,
  expected: expectedText(question.expected),
  actual: verdict,
  refusal,
  explanation: explain(layers, question.request),
})

/** An invariant among the tests: what is not proved fails. */
const invariantTest = ({ verdict, who, broken, kind, ...place }: InvariantResult): TestResult => {
  const result = { ...place, kind: 'invariant', questions: 0, failed: [], failedTotal: 0 } as const
  if (verdict === 'PASS') return result
  if (broken === null) return { ...result, failedTotal: 1, unproven: who ?? 'somebody' }
  const { principal, action, resource, context, verdict: actual, explanation } = broken
  const expected = `${kind === 'alwaysGrants' ? 'ALLOW' : 'DENY'} by ${kind}`
  const failed = { principal, action, resource, context, expected, actual, refusal: undefined, explanation }
  return { ...result, failedTotal: 1, failed: [failed] }
}

/**
 * Runs the tests of a set by the engine of the daemon, and proves its invariants. A set with errors has to be
 * mended before. `now` in epoch milliseconds.
 */
export const runTests = (set: PolicySet, { now }: { readonly now: number }): TestRun => {
  const world = createWorld(set)
  const counter = createCounter(set, world)
  const questions = questionsOf(set, now)
  const results = new Map<TestPlace, TestResult & { failed: Failed[] }>()
  for (const question of questions) {
    const answer = answerOf(world, question)
    counter.count(question, answer)
    const isRight = isAsExpected(question, answer)
    const known = results.get(question.test) ?? { ...question.test, questions: 0, failed: [], failedTotal: 0 }
    const failed =
      isRight || known.failed.length >= MAX_EXPLAINED
        ? known.failed
        : [...known.failed, failureOf(question, answer)]
    results.set(question.test, {
      ...known,
      questions: known.questions + 1,
      failed,
      failedTotal: known.failedTotal + (isRight ? 0 : 1),
    })
  }
  const invariants = proveInvariants(set, { now }).map(invariantTest)
  return {
    results: [...results.values(), ...invariants],
    questions: questions.length,
    coverage: counter.coverage(),
  }
}

/** Who of the principals may, for each snapshot of each file of tests: what `--update` writes. */
export const currentSnapshots = (
  set: PolicySet,
  { now }: { readonly now: number },
): ReadonlyMap<string, readonly (readonly string[])[]> => {
  const world = createWorld(set)
  const found = new Map<string, Map<TestPlace, string[]>>()
  for (const question of questionsOf(set, now)) {
    const { test, person } = question
    if (test.kind !== 'whoCan') continue
    const ofFile = found.get(test.file) ?? new Map<TestPlace, string[]>()
    found.set(test.file, ofFile)
    const names = ofFile.get(test) ?? []
    ofFile.set(test, names)
    if (answerOf(world, question).verdict === 'ALLOW') names.push(person.name)
  }
  return new Map([...found].map(([file, lists]) => [file, [...lists.values()]]))
}
