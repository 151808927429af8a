import type { Reporter, TestCase, TestModule } from 'vitest/node'

interface Tally {
  passed: number
  failed: number
  /** By suite: how many tests were skipped, and the reason given. */
  readonly skipped: Map<string, { count: number; reason: string | undefined }>
}

const suiteOf = (test: TestCase): string =>
  [test.module.relativeModuleId, ...(test.parent.type === 'suite' ? [test.parent.fullName] : [])].join(' > ')

const addTest = (tally: Tally, test: TestCase): void => {
  const result = test.result()
  if (result.state === 'passed') tally.passed += 1
  else if (result.state === 'failed') tally.failed += 1
  else {
    const suite = suiteOf(test)
    const seen = tally.skipped.get(suite)
    const note = result.state === 'skipped' ? result.note : 'it never ran'
    tally.skipped.set(suite, { count: (seen?.count ?? 0) + 1, reason: seen?.reason ?? note })
  }
}

const addModule = (tally: Tally, module: TestModule): void => {
  for (const test of module.children.allTests()) addTest(tally, test)
  for (const suite of module.children.allSuites()) tally.failed += suite.errors().length > 0 ? 1 : 0
  tally.failed += module.errors().length > 0 ? 1 : 0
}

/** The lines that close a run: one for each skipped suite with its reason, then `N passed, N failed[, N skipped]`. */
const closingLines = (modules: readonly TestModule[], unhandledErrors: number): string[] => {
  const tally: Tally = { passed: 0, failed: unhandledErrors, skipped: new Map() }
  for (const module of modules) addModule(tally, module)
  const skips = [...tally.skipped].map(
    ([suite, { count, reason }]) => `skipped: ${suite} (${count}): ${reason ?? 'no reason given'}`,
  )
  const skipped = [...tally.skipped.values()].reduce((sum, { count }) => sum + count, 0)
  return [
    ...skips,
    `${tally.passed} passed, ${tally.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  ]
}

/** Ends the output of vitest with the closing lines. A suite whose set-up fails and an unhandled error count as failures. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const lines = closingLines(modules, unhandledErrors.length)
    // The default reporter prints its summary in the same turn; these lines come after it.
    setImmediate(() => process.stdout.write(`${lines.join('\n')}\n`))
  }
}
