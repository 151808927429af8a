import type { Catalogue } from '../catalogue.ts'
import { listOf } from '../engine/condition.ts'
import { decide, type AccessRequest, type Decision, type OwnedLayer } from '../engine/decide.ts'
import { unreadableKeys } from '../engine/readable.ts'
import { parseDate } from '../engine/values.ts'
import type { Verdict } from '../language.ts'
import type { PolicySet, SetTests } from '../set/read.ts'
import type { TestCase, TestMatrix, TestWhoCan } from '../set/tests.ts'
import type { Position } from '../text/json.ts'
import { callerFacts, peopleOf, type Person, type World } from './world.ts'

/** A test as people find it again. */
export interface TestPlace extends Position {
  readonly file: string
  readonly name: string
  readonly kind: 'case' | 'matrix' | 'whoCan' | 'invariant'
}

/** What is expected of an answer. */
export interface Expected {
  /** For a matrix and a snapshot only whether it is allowed counts. */
  readonly verdict: Verdict | 'DENY'
  readonly statement?: string | undefined
  readonly layer?: string | undefined
}

/** One question of a test, with what is expected. */
export interface Question {
  readonly test: TestPlace
  readonly person: Person
  readonly request: AccessRequest
  readonly expected: Expected
  /** Why no policy is asked, as the daemon says it. */
  readonly refusal: Exclude<Refusal, 'unreadable'> | undefined
}

/**
 * Why no policy was asked, as the daemon says it; `unreadable`: it refuses the question, as no value can be
 * compared.
 */
export type Refusal = 'unknown_resource_type' | 'outside' | 'unreadable'

/** What came of a question. */
export interface Answer {
  readonly refusal: Refusal | undefined
  readonly verdict: Verdict
  readonly layers: readonly OwnedLayer[]
  /** Undefined where no policy was asked. */
  readonly decision: Decision | undefined
}

/** How the roles rank: an account acts on those of a lower rank below it. */
const RANKS: Readonly<Record<Person['role'], number>> = {
  'super-admin': 4,
  admin: 3,
  client: 2,
  'sub-client': 1,
  user: 0,
}

/** Whether the one sees the other, as the daemon has it. */
const maySee = (actor: Person, target: Person): boolean => {
  if (actor === target || actor.role === 'super-admin') return true
  if (RANKS[actor.role] <= RANKS[target.role]) return false
  return target.role === 'user' ? actor.role === 'admin' : target.path.startsWith(`${actor.path}/`)
}

const refusalOf = (
  { person, action, resource }: { person: Person; action: string; resource: string },
  { catalogue, byPath }: { catalogue: Catalogue; byPath: ReadonlyMap<string, Person> },
): Question['refusal'] => {
  const [type = ''] = resource.split('/')
  if (catalogue.actions.get(action)?.resources.includes(type) !== true) return 'unknown_resource_type'
  if (!action.startsWith('authctl:') || type !== 'account') return undefined
  const target = byPath.get(resource.slice('account/'.length))
  return target === undefined || maySee(person, target) ? undefined : 'outside'
}

/** What the server knows of a question, and what the test says of its circumstances. */
const contextOf = (
  person: Person,
  { context = {}, clock }: Pick<TestCase, 'context' | 'clock'>,
  now: number,
): AccessRequest['context'] => ({
  ...callerFacts(person),
  'request.time': Math.floor((clock === undefined ? now : (parseDate(clock) ?? now)) / 1000),
  ...context,
})

interface Asked {
  readonly person: Person
  readonly action: string
  readonly resource: string
}

const combinationsOf = (
  test: Pick<TestCase, 'principals' | 'actions' | 'resources'>,
  people: ReadonlyMap<string, Person>,
): Asked[] =>
  listOf<string>(test.principals).flatMap((name) => {
    const person = people.get(name)
    if (person === undefined) return []
    return listOf<string>(test.actions).flatMap((action) =>
      listOf<string>(test.resources).map((resource) => ({ person, action, resource })),
    )
  })

const isListed = ({ person, action, resource }: Asked, { allow }: TestMatrix): boolean =>
  allow.some(
    ({ principals, actions, resources }) =>
      (principals === undefined || listOf<string>(principals).includes(person.name)) &&
      (actions === undefined || listOf<string>(actions).includes(action)) &&
      (resources === undefined || listOf<string>(resources).includes(resource)),
  )

/** The questions of one file of tests, in its order. */
const questionsOfFile = (file: SetTests, { catalogue, now }: { catalogue: Catalogue; now: number }) => {
  const people = peopleOf(file)
  const byPath = new Map([...people.values()].map((person) => [person.path, person]))
  const question = (
    { person, action, resource }: Asked,
    test: TestPlace,
    { circumstances, expected }: { circumstances: Pick<TestCase, 'context' | 'clock'>; expected: Expected },
  ): Question => ({
    test,
    person,
    request: { action, resource, context: contextOf(person, circumstances, now) },
    expected,
    refusal: refusalOf({ person, action, resource }, { catalogue, byPath }),
  })
  const placeOf = (kind: TestPlace['kind'], name: string, position: Position | undefined): TestPlace => ({
    file: file.file,
    name,
    kind,
    ...(position ?? { line: 1, column: 1 }),
  })
  const ofCase = (each: TestCase, index: number): Question[] => {
    const place = placeOf('case', each.name, file.places.cases[index])
    const expected = { verdict: each.expect, statement: each.statement, layer: each.layer }
    return combinationsOf(each, people).map((asked) =>
      question(asked, place, { circumstances: each, expected }),
    )
  }
  const ofMatrix = (each: TestMatrix, index: number): Question[] => {
    const place = placeOf('matrix', each.name, file.places.matrices[index])
    return combinationsOf(each, people).map((asked) =>
      question(asked, place, {
        circumstances: each,
        expected: { verdict: isListed(asked, each) ? 'ALLOW' : 'DENY' },
      }),
    )
  }
  const ofWhoCan = (each: TestWhoCan, index: number): Question[] => {
    const place = placeOf('whoCan', each.name, file.places.whoCan[index])
    return [...people.values()].map((person) =>
      question({ person, action: each.action, resource: each.resource }, place, {
        circumstances: each,
        expected: { verdict: each.principals.includes(person.name) ? 'ALLOW' : 'DENY' },
      }),
    )
  }
  return [
    ...(file.cases ?? []).flatMap(ofCase),
    ...(file.matrices ?? []).flatMap(ofMatrix),
    ...(file.whoCan ?? []).flatMap(ofWhoCan),
  ]
}

/** All questions of the tests of a set. `now` in epoch milliseconds: the clock of tests that have none. */
export const questionsOf = ({ tests, catalogue }: PolicySet, now: number): Question[] =>
  tests.flatMap((file) => questionsOfFile(file, { catalogue, now }))

/**
 * Asks as the daemon's `/access/check` does: first whether the question can be asked at all, then the layers.
 */
export const answerOf = (world: World, { person, request, refusal: known }: Question): Answer => {
  const layers = world.layersOf(person)
  const refusal = known ?? (unreadableKeys(layers, request).length > 0 ? 'unreadable' : undefined)
  if (refusal !== undefined) return { verdict: 'DENY_IMPLICIT', layers, decision: undefined, refusal }
  const decision = decide(layers, request)
  return { verdict: decision.verdict, layers, decision, refusal: undefined }
}
