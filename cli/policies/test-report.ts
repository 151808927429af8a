import type {
  Coverage,
  Failed,
  MutationRun,
  Share,
  TestResult,
  TestRun,
} from '../../policies/testing/index.ts'
import { paint } from '../output/color.ts'
import { makeSafe } from '../output/text.ts'
import { surroundings } from '../surroundings.ts'
import { contextWords } from './plan/words.ts'

type Layer = Failed['explanation']['layers'][number]
type NearMiss = Layer['near_misses'][number]
type Statement = Layer['matched'][number]

/** How a file of the set is called by the reader: with the folder in front. */
export type FileOf = (file: string) => string

const MAX_VALUES = 3
/** Near misses and matches of one layer that are shown. */
const MAX_SHOWN = 3

const listOf = (values: readonly string[], total: number): string => {
  const shown = values.slice(0, MAX_VALUES).join(' or ')
  return total > MAX_VALUES ? `${shown} or ${total - MAX_VALUES} more` : shown
}

const nameOf = ({ policy, sid, statement }: Statement): string =>
  `${policy} ${sid ?? `statement ${statement}`}`

const placeOf = ({ source }: Statement, fileOf: FileOf): string[] => (source === null ? [] : [fileOf(source)])

/** What kept a statement from allowing: `orders.total is 900, wanted NumericLessThanEquals 500`. */
const missOf = ({ failed, key, operator, expected, expected_total, actual }: NearMiss): string => {
  const what = failed === 'condition' ? (key ?? '') : `the ${failed}`
  const wanted = failed === 'condition' ? (operator ?? '') : operator === null ? '' : 'none of'
  const is = actual === null ? 'is missing' : `is ${actual.join(', ')}`
  const values = listOf(expected, expected_total)
  return `${what} ${is}, wanted ${[wanted, values].filter((word) => word !== '').join(' ')}`
}

const indent = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`)

const layerLines = (layer: Layer, decides: boolean, fileOf: FileOf): string[] => {
  const { kind, principal, outcome, matched, near_misses: misses } = layer
  const said = outcome === 'none' ? 'nothing allows' : outcome
  const head = `${kind} of ${principal}: ${said}${decides ? ', and decides' : ''}`
  const deciding = matched.filter(({ effect }) => (effect === 'Deny') === (outcome === 'deny'))
  const shown =
    outcome === 'none'
      ? misses
          .slice(0, MAX_SHOWN)
          .flatMap((miss) => [`nearly ${nameOf(miss)}`, ...indent([...placeOf(miss, fileOf), missOf(miss)])])
      : deciding
          .slice(0, MAX_SHOWN)
          .flatMap((statement) => [nameOf(statement), ...indent(placeOf(statement, fileOf))])
  return [head, ...indent(shown)]
}

const REFUSALS = {
  unknown_resource_type: 'no policy was asked: the action is not about resources of this type',
  unreadable: 'the daemon refuses the question: a value of resource.… is not what a condition reads it as',
  outside: 'no policy was asked: the account that is acted on does not stand below',
} as const

/** Why a question was not answered as expected, a line each. */
const reasonLines = ({ refusal, explanation }: Failed, fileOf: FileOf): string[] => {
  if (refusal !== undefined) return [REFUSALS[refusal]]
  const decided = explanation.decided_by?.layer
  return explanation.layers.flatMap((layer, index) => layerLines(layer, index === decided, fileOf))
}

const saidWords = ({ context = {} }: Failed): string[] =>
  Object.keys(context).length === 0 ? [] : ['with', contextWords(context)]

/** One failed question with its explanation, as plain text. */
export const failureText = (failed: Failed, fileOf: FileOf): string =>
  [
    [failed.principal, failed.action, failed.resource, ...saidWords(failed)].join(' '),
    ...indent([`expected ${failed.expected}`, `got ${failed.actual}`, ...reasonLines(failed, fileOf)]),
  ]
    .map(makeSafe)
    .join('\n')

/** What is said of an invariant that is neither proved nor shown to be broken. */
export const unprovenText = (who: string): string =>
  `UNKNOWN for ${makeSafe(who)}: neither proved, nor does a request show the contrary. Say it in the words of a policy, with the same patterns and conditions.`

const failedTest = (result: TestResult, fileOf: FileOf): string[] => {
  const { stdout } = surroundings()
  const { file, line, column, name, failed, failedTotal, unproven } = result
  const more = failedTotal - Math.max(failed.length, unproven === undefined ? 0 : 1)
  return [
    `${paint(stdout, 'red', 'FAIL')} ${paint(stdout, 'bold', makeSafe(name))}`,
    ...indent([
      makeSafe(`${fileOf(file)}:${line}:${column}`),
      ...(unproven === undefined ? [] : [unprovenText(unproven)]),
      ...failed.flatMap((each) => failureText(each, fileOf).split('\n')),
      ...(more === 0 ? [] : [`and ${more} more questions`]),
    ]),
  ]
}

/** The tests that fail, each with its explanation. */
export const failuresText = ({ results }: TestRun, fileOf: FileOf): string =>
  results
    .filter(({ failedTotal }) => failedTotal > 0)
    .map((result) => failedTest(result, fileOf).join('\n'))
    .join('\n\n')

const shareText = ({ covered, total }: Share): string => `${covered}/${total}`

/** What is covered, a line each. */
export const coverageLines = ({ decided, outcomes, actions }: Coverage): string[] =>
  indent([
    `${shareText(decided)} statements decided something`,
    `${shareText(outcomes)} outcomes of conditions were met`,
    `${shareText(actions)} actions were asked about`,
  ])

/** What no test meets, a line each. */
export const gapsText = ({ statements, untestedActions }: Coverage, fileOf: FileOf): string => {
  const lines = statements.flatMap(
    ({ file, line, column, policy, statement, matched, decided, nearly, conditions }) => {
      const place = `${fileOf(file)}:${line}:${column}`
      const met =
        matched > 0 ? 'matched, but never decided' : nearly > 0 ? 'nearly matched, never did' : 'never met'
      return [
        ...(decided > 0 ? [] : [`${place}: ${policy} ${statement}: ${met}`]),
        ...conditions.flatMap((condition) => {
          const { operator, key, whenTrue, whenFalse } = condition
          const at = `${fileOf(file)}:${condition.line}:${condition.column}: ${operator} ${key}`
          return [
            ...(whenTrue > 0 ? [] : [`${at}: never held`]),
            ...(whenFalse > 0 ? [] : [`${at}: never failed`]),
          ]
        }),
      ]
    },
  )
  return [...lines, ...untestedActions.map((action) => `${action}: no question is about it`)]
    .map(makeSafe)
    .join('\n')
}

/** The mistakes that no test noticed, a line for the place and one for the mistake. */
export const survivorsText = ({ survivors }: MutationRun, fileOf: FileOf): string =>
  survivors
    .flatMap(({ file, line, column, policy, statement, change }) => [
      `${fileOf(file)}:${line}:${column}: ${policy} ${statement}`,
      `  ${change}`,
    ])
    .map(makeSafe)
    .join('\n')
