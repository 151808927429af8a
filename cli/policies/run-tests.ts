import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MutationRun, TestRun } from '../../policies/testing/index.ts'
import { toJson } from '../output/json.ts'
import { paint } from '../output/color.ts'
import { type Format, printData, tell, type View } from '../output/print.ts'
import { surroundings } from '../surroundings.ts'
import { annotate } from './annotations.ts'
import type { SoundFolder } from './sound-set.ts'
import { updateSnapshots } from './snapshots.ts'
import {
  coverageLines,
  failuresText,
  failureText,
  type FileOf,
  gapsText,
  survivorsText,
  unprovenText,
} from './test-report.ts'

/** What `policies test` was asked to do. */
interface TestOptions {
  readonly path: string
  readonly format: Format
  readonly coverage: boolean
  readonly threshold: number | undefined
  readonly mutate: boolean
  readonly 'max-survivors': number | undefined
  readonly update: boolean
  readonly sarif: boolean
  readonly 'diff-base': string | undefined
  readonly junit: string | undefined
  readonly lcov: string | undefined
}

const count = (n: number, noun: string): string => `${n} ${n === 1 ? noun : `${noun}s`}`

const failedTests = ({ results }: TestRun): number =>
  results.filter(({ failedTotal }) => failedTotal > 0).length

/** `12 tests, 2 invariants`; what there is none of is left out. */
const countBoth = (results: TestRun['results'], between: string): string => {
  const invariants = results.filter(({ kind }) => kind === 'invariant').length
  const counts = [
    [results.length - invariants, 'test'],
    [invariants, 'invariant'],
  ] as const
  return counts.flatMap(([n, noun]) => (n === 0 ? [] : [count(n, noun)])).join(between)
}

/** `12 tests, 2 invariants, 40 questions: all pass`. */
const tallyOf = ({ results, questions }: TestRun): string => {
  const failed = results.filter(({ failedTotal }) => failedTotal > 0)
  const said =
    failed.length === 0
      ? 'all pass'
      : `${countBoth(failed, ' and ')} ${failed.length === 1 ? 'fails' : 'fail'}`
  const counts = results.length === 0 ? count(0, 'test') : countBoth(results, ', ')
  return `${counts}, ${count(questions, 'question')}: ${said}`
}

const viewOf = (run: TestRun, mutation: MutationRun | undefined, fileOf: FileOf): View => {
  const tests = run.results.map((result) => ({ ...result, file: fileOf(result.file) }))
  const statements = run.coverage.statements.map((each) => ({ ...each, file: fileOf(each.file) }))
  return {
    data: {
      passed: run.results.length - failedTests(run),
      failed: failedTests(run),
      questions: run.questions,
      tests,
      coverage: { ...run.coverage, statements },
      ...(mutation === undefined
        ? {}
        : {
            mutation: {
              ...mutation,
              survivors: mutation.survivors.map((each) => ({ ...each, file: fileOf(each.file) })),
            },
          }),
    },
    rows: tests
      .filter(({ failedTotal }) => failedTotal > 0)
      .map(({ file, line, column }) => ({ place: `${file}:${line}:${column}` })),
    columns: ['place'],
    empty: '',
  }
}

const annotateFailures = ({ results }: TestRun, fileOf: FileOf): void =>
  annotate(
    results
      .filter(({ failedTotal }) => failedTotal > 0)
      .map(({ file, line, column, name, failed, unproven }) => ({
        level: 'error',
        file: fileOf(file),
        line,
        column,
        title: name,
        message: [
          ...(unproven === undefined ? [] : [unprovenText(unproven)]),
          ...failed.map((each) => failureText(each, fileOf)),
        ].join('\n'),
      })),
  )

/** For people: what fails, what is not covered, which mistakes survive; then what there is in all. */
const tellPeople = (
  run: TestRun,
  mutation: MutationRun | undefined,
  { fileOf, options }: { fileOf: FileOf; options: TestOptions },
): void => {
  const texts = [
    failuresText(run, fileOf),
    options.coverage ? gapsText(run.coverage, fileOf) : '',
    mutation === undefined ? '' : survivorsText(mutation, fileOf),
  ]
  printData(texts.filter((text) => text !== '').join('\n\n'))
  const { stderr } = surroundings()
  const style = failedTests(run) === 0 ? 'green' : 'red'
  tell(`${options.path}: ${paint(stderr, style, tallyOf(run))}`)
  for (const line of coverageLines(run.coverage)) tell(line)
  if (mutation !== undefined)
    tell(`  ${mutation.survivors.length}/${mutation.mutants} mistakes would go unnoticed`)
}

/** What makes a run fail besides its tests, in words. */
const missedBounds = async (
  { coverage }: TestRun,
  mutation: MutationRun | undefined,
  options: TestOptions,
): Promise<string[]> => {
  const { reaches } = await import('../../policies/testing/index.ts')
  const { threshold = 0, 'max-survivors': most = Infinity } = options
  const { decided, outcomes } = coverage
  const shares = [
    { what: 'statements that decided', share: decided },
    { what: 'outcomes of conditions', share: outcomes },
  ]
  return [
    ...shares
      .filter(({ share }) => !reaches(share, threshold))
      .map(({ what, share }) => `${what}: ${share.covered} of ${share.total} is less than ${threshold} %`),
    ...((mutation?.survivors.length ?? 0) > most ? [`mistakes that go unnoticed: more than ${most}`] : []),
  ]
}

/** Writes a report to where it was asked for; whether that is standard output. */
const writeReport = (to: string | undefined, report: () => string): boolean => {
  if (to === '-') printData(report().trimEnd())
  else if (to !== undefined) writeFileSync(to, report())
  return to === '-'
}

/** Prints what fails for code hosts; true: it stands in the place of the result. */
const printSarif = async (run: TestRun, fileOf: FileOf): Promise<true> => {
  const { renderSarif } = await import('../../policies/validate/index.ts')
  const { failureFindings } = await import('./test-sarif.ts')
  printData(toJson(renderSarif(failureFindings(run, fileOf))))
  return true
}

/** Which statements count; undefined: all. */
const countedBy = async (folder: SoundFolder, base: string | undefined) => {
  if (base === undefined) return undefined
  const { changedSince } = await import('./changed.ts')
  return await changedSince(base, folder)
}

/** Runs the tests of a folder and reports them; whether anything is not as it must be. */
export const runPolicyTests = async (
  folder: SoundFolder,
  options: TestOptions,
): Promise<{ view: View | undefined; hasFailed: boolean }> => {
  const { coverageOf, mutateSet, renderJunit, renderLcov, runTests } =
    await import('../../policies/testing/index.ts')
  const moment = { now: Date.now() }
  const fileOf: FileOf = (file) => join(folder.root, file).replaceAll('\\', '/')
  const set = options.update ? await updateSnapshots(folder, moment) : folder.set
  const isCounted = await countedBy(folder, options['diff-base'])
  const whole = runTests(set, moment)
  const run = isCounted === undefined ? whole : { ...whole, coverage: coverageOf(whole.coverage, isCounted) }
  const mutation =
    options.mutate && failedTests(run) === 0 ? mutateSet(set, { ...moment, isCounted }) : undefined
  const junit = (): string =>
    renderJunit(
      { ...run, results: run.results.map((result) => ({ ...result, file: fileOf(result.file) })) },
      (failed) => failureText(failed, fileOf),
    )
  const isReplaced = [
    writeReport(options.junit, junit),
    writeReport(options.lcov, () => renderLcov(whole.coverage, fileOf)),
    options.sarif && (await printSarif(run, fileOf)),
  ].some(Boolean)
  annotateFailures(run, fileOf)
  if (options.format === 'table' && !isReplaced) tellPeople(run, mutation, { fileOf, options })
  if (run.results.length === 0) tell('There are no tests: write tests/NAME_test.json.')
  if (options.mutate && mutation === undefined) tell('Mistakes are made once all tests pass.')
  const missed = await missedBounds(run, mutation, options)
  for (const line of missed) tell(line)
  const view = isReplaced || options.format === 'table' ? undefined : viewOf(run, mutation, fileOf)
  return { view, hasFailed: failedTests(run) > 0 || missed.length > 0 }
}
