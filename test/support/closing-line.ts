import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

/** How much of an error's first line is repeated at the end. */
const LONGEST_REASON = 300
/** How many files are named as the slowest. */
const SLOWEST = 10

interface Tally {
  passed: number
  /** One line for each failure: where, and the first line of the error. */
  readonly failures: string[]
  /** By suite: how many tests were skipped, and the reason given. */
  readonly skipped: Map<string, { count: number; reason: string | undefined }>
}

const suiteOf = (test: TestCase): string =>
  [test.module.relativeModuleId, ...(test.parent.type === 'suite' ? [test.parent.fullName] : [])].join(' > ')

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)

const failure = (where: string, errors: readonly unknown[]): string => {
  const [reason = ''] = messageOf(errors[0]).split('\n', 1)
  return `failed: ${where}: ${reason.slice(0, LONGEST_REASON)}`
}

/** The projects run the same files on different stores, so the project is part of the place. */
const placeOf = (module: TestModule, name?: string): string =>
  [module.project.name, module.relativeModuleId, name].filter(Boolean).join(' > ')

const addTest = (tally: Tally, test: TestCase): void => {
  const result = test.result()
  if (result.state === 'passed') tally.passed += 1
  else if (result.state === 'failed') {
    tally.failures.push(failure(placeOf(test.module, test.fullName), result.errors))
  } else {
    const suite = suiteOf(test)
    const seen = tally.skipped.get(suite)
    const note = result.state === 'skipped' ? result.note : 'it never ran'
    tally.skipped.set(suite, { count: (seen?.count ?? 0) + 1, reason: seen?.reason ?? note })
  }
}

const addErrors = (tally: Tally, where: string, errors: ReturnType<TestSuite['errors']>): void => {
  if (errors.length > 0) tally.failures.push(failure(where, errors))
}

const addModule = (tally: Tally, module: TestModule): void => {
  for (const test of module.children.allTests()) addTest(tally, test)
  for (const suite of module.children.allSuites())
    addErrors(tally, placeOf(module, suite.fullName), suite.errors())
  addErrors(tally, placeOf(module), module.errors())
}

const secondsOf = (module: TestModule): number => {
  const { prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic()
  return (prepareDuration + setupDuration + collectDuration + duration) / 1000
}

/** Where the time went: the slowest files, the slowest first. */
const slowestFiles = (modules: readonly TestModule[]): string[] =>
  modules
    .map((module) => ({ place: placeOf(module), seconds: secondsOf(module) }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST)
    .map(({ place, seconds }) => `slow: ${seconds.toFixed(1)} s: ${place}`)

/**
 * The lines that close a run: the slowest files, one for each skipped suite and each failure with its reason,
 * then `N passed, N failed[, N skipped]`.
 */
const closingLines = (modules: readonly TestModule[], unhandledErrors: readonly unknown[]): string[] => {
  const failures = unhandledErrors.map((error) => failure('outside of any test', [error]))
  const tally: Tally = { passed: 0, failures, skipped: new Map() }
  for (const module of modules) addModule(tally, module)
  const skips = [...tally.skipped].map(
    ([suite, { count, reason }]) => `skipped: ${suite} (${count}): ${reason ?? 'no reason given'}`,
  )
  const skipped = [...tally.skipped.values()].reduce((sum, { count }) => sum + count, 0)
  return [
    ...slowestFiles(modules),
    ...skips,
    ...tally.failures,
    `${tally.passed} passed, ${tally.failures.length} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ]
}

/**
 * Ends the output of vitest with the closing lines. A suite whose set-up fails and an unhandled error count
 * as failures.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const lines = closingLines(modules, unhandledErrors)
    // The default reporter prints its summary in the same turn; these lines come after it.
    setImmediate(() => process.stdout.write(`${lines.join('\n')}\n`))
  }
}
