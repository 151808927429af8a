import { type Diagnostic, renderDiagnostic } from '../../policies/validate/index.ts'
import { EXIT } from '../exit-codes.ts'
import type { View } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'

type Diagnostics = readonly Diagnostic[]

/** The text of a file that diagnostics speak of; undefined if it is not at hand. */
export type TextOf = (file: string) => string | undefined

/** What was found, as data and by `-o name`. */
export const diagnosticsView = (diagnostics: Diagnostics, more: object): View => ({
  data: { ...more, diagnostics },
  rows: diagnostics.map(({ file, line, column }) => ({ place: `${file}:${line}:${column}` })),
  columns: ['place'],
})

/**
 * What was found, as compilers print it: the place, what is wrong there, the line with a caret, and what to
 * do (CLI-C9).
 */
export const diagnosticsText = (diagnostics: Diagnostics, textOf: TextOf): string => {
  const lines = new Map<string, readonly string[] | undefined>()
  const lineOf = ({ file, line }: Diagnostic): string | undefined => {
    if (!lines.has(file)) lines.set(file, textOf(file)?.split(/\r?\n/))
    return lines.get(file)?.[line - 1]
  }
  return diagnostics
    .flatMap((each) => renderDiagnostic(each, lineOf(each)).split('\n'))
    .map(makeSafe)
    .join('\n')
}

const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`

const errorsIn = (diagnostics: Diagnostics): number =>
  diagnostics.filter(({ severity }) => severity === 'error').length

/** How many of each there are, in words. */
export const tally = (documents: number, diagnostics: Diagnostics): string => {
  const errors = errorsIn(diagnostics)
  const found = [count(errors, 'error'), count(diagnostics.length - errors, 'warning')]
  return [count(documents, 'policy', 'policies'), ...found].join(', ')
}

/** How many errors a file has, in words. */
export const errorsOf = (file: string, diagnostics: Diagnostics): string =>
  `${count(errorsIn(diagnostics), 'error')} in ${file}`

/** The exit code: 3 when there are errors. */
export const exitCodeOf = (diagnostics: Diagnostics): number =>
  errorsIn(diagnostics) === 0 ? EXIT.ok.code : EXIT.invalidPolicy.code
