import type { TestResult, TestRun } from '../../policies/testing/index.ts'
import type { Finding } from '../../policies/validate/index.ts'
import { failureText, type FileOf, unprovenText } from './test-report.ts'

const RULES = {
  test: {
    id: 'decision-test',
    title: 'a decision test fails',
    help: 'See what decides with: authctl policies test. Change the policy, or what the test expects.',
  },
  invariant: {
    id: 'invariant',
    title: 'an invariant does not hold, or cannot be proved',
    help: 'See a request that breaks it with: authctl policies test. Narrow the policy that allows it.',
  },
} as const

const PLACE = /^(.+):(\d+):(\d+)$/

/** Where the statements are written that decide a failed question. */
const decidingPlaces = ({ failed }: TestResult, fileOf: FileOf): NonNullable<Finding['related']> => {
  const statements = failed.flatMap(({ explanation }) =>
    explanation.layers
      .filter((_layer, index) => explanation.decided_by === null || explanation.decided_by.layer === index)
      .flatMap(({ matched }) => matched),
  )
  const places = new Map(
    statements.flatMap(({ policy, sid, statement, source }) => {
      const [, file, line, column] = PLACE.exec(source ?? '') ?? []
      if (file === undefined) return []
      const message = `${policy} ${sid ?? statement}`
      return [[source, { file: fileOf(file), line: Number(line), column: Number(column), message }] as const]
    }),
  )
  return [...places.values()]
}

/** The tests and invariants that fail, to be shown beside their lines. */
export const failureFindings = ({ results }: TestRun, fileOf: FileOf): Finding[] =>
  results
    .filter(({ failedTotal }) => failedTotal > 0)
    .map((result) => {
      const { kind, name, file, line, column, failed, unproven } = result
      const reasons = [
        ...(unproven === undefined ? [] : [unprovenText(unproven)]),
        ...failed.map((each) => failureText(each, fileOf)),
      ]
      return {
        rule: kind === 'invariant' ? RULES.invariant : RULES.test,
        level: 'error',
        message: [name, ...reasons].join('\n'),
        file: fileOf(file),
        line,
        column,
        related: decidingPlaces(result, fileOf),
      }
    })
