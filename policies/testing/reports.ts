import type { Coverage, StatementCoverage } from './coverage.ts'
import type { Failed, TestResult, TestRun } from './run.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
}
// XML 1.0 has no control characters, escaped or not.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000d-\u001f\ufffe\uffff]/g // eslint-disable-line no-control-regex

const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(CONTROL, '\ufffd')
    .replace(/[&<>"\n\t]/g, (character) => ESCAPES[character] ?? character)

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('')

const countOf = (results: readonly TestResult[]): { tests: number; failures: number } => ({
  tests: results.length,
  failures: results.filter(({ failedTotal }) => failedTotal > 0).length,
})

const caseElement = (result: TestResult, textOf: (failed: Failed) => string): string => {
  const { file, line, name, failed, failedTotal } = result
  const head = `    <testcase${attributes({ classname: file, name, file, line, time: 0 })}`
  if (failedTotal === 0) return `${head}/>`
  const isInvariant = result.kind === 'invariant'
  const message = isInvariant
    ? `the invariant ${result.unproven === undefined ? 'does not hold' : `cannot be shown for ${result.unproven}`}`
    : `${failedTotal} of ${result.questions} questions are answered otherwise`
  const text = escaped(failed.map(textOf).join('\n')).replaceAll('&#10;', '\n')
  return `${head}>\n      <failure${attributes({ message, type: isInvariant ? 'invariant' : 'decision' })}>${text}</failure>\n    </testcase>`
}

/** A run as JUnit XML, which CI servers read: a suite for each file. `textOf` explains a failure. */
export const renderJunit = (run: TestRun, textOf: (failed: Failed) => string): string => {
  const files = [...new Set(run.results.map(({ file }) => file))]
  const suites = files.map((file) => {
    const results = run.results.filter((result) => result.file === file)
    const cases = results.map((result) => caseElement(result, textOf)).join('\n')
    return `  <testsuite${attributes({ name: file, ...countOf(results), errors: 0, skipped: 0 })}>\n${cases}\n  </testsuite>`
  })
  const all = attributes({ name: 'authctl policies test', ...countOf(run.results) })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${all}>`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n')
}

const lcovOf = (file: string, statements: readonly StatementCoverage[]): string[] => {
  const conditions = statements.flatMap((statement, block) =>
    statement.conditions.flatMap(({ line, whenTrue, whenFalse }, number) =>
      [whenTrue, whenFalse].map((count, branch) => {
        const isReached = whenTrue + whenFalse > 0
        return { line: `BRDA:${line},${block},${number * 2 + branch},${isReached ? count : '-'}`, count }
      }),
    ),
  )
  const lines = new Map<number, number>()
  for (const { line, matched } of statements) lines.set(line, (lines.get(line) ?? 0) + matched)
  return [
    'TN:',
    `SF:${file}`,
    ...conditions.map(({ line }) => line),
    `BRF:${conditions.length}`,
    `BRH:${conditions.filter(({ count }) => count > 0).length}`,
    ...[...lines].map(([line, count]) => `DA:${line},${count}`),
    `LF:${lines.size}`,
    `LH:${[...lines.values()].filter((count) => count > 0).length}`,
    'end_of_record',
  ]
}

/**
 * Coverage as an lcov trace file, which editors and code hosts draw beside the lines: a statement is a line
 * that was hit as often as it matched, a condition two branches. `fileOf` says how a file is called there.
 */
export const renderLcov = ({ statements }: Coverage, fileOf: (file: string) => string): string => {
  const files = [...new Set(statements.map(({ file }) => file))]
  const lines = files.flatMap((file) =>
    lcovOf(
      fileOf(file),
      statements.filter((statement) => statement.file === file),
    ),
  )
  return lines.map((line) => `${line}\n`).join('')
}
