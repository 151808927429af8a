import type { Diagnostic } from '../policies/diagnostics.ts'
import type { View } from './output.ts'
import { Problem } from './problem.ts'

type Diagnostics = readonly Diagnostic[]

const placeOf = ({ file, line, column }: Diagnostic): string => `${file}:${line}:${column}`

/** What was found, as a table and as data; the hints are in the data and on the reference page. */
export const diagnosticsView = (diagnostics: Diagnostics, more: object): View => ({
  data: { ...more, diagnostics },
  rows: diagnostics.map((each) => ({
    place: placeOf(each),
    severity: each.severity,
    code: each.code,
    message: each.suggestion === null ? each.message : `${each.message} (did you mean ${each.suggestion}?)`,
    hint: each.hint,
  })),
  columns: ['place', 'severity', 'code', 'message', 'hint'],
  nameColumn: 'place',
})

const count = (n: number, noun: string, plural = `${noun}s`): string => `${n} ${n === 1 ? noun : plural}`

/** How many of each there are, in words. */
export const tally = (documents: number, diagnostics: Diagnostics): string => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const found = [count(errors, 'error'), count(diagnostics.length - errors, 'warning')]
  return [count(documents, 'policy', 'policies'), ...found].join(', ')
}

/** Exit code 3 when there are errors; they are on stdout already. */
export const requireNoErrors = (diagnostics: Diagnostics): void => {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  throw new Problem({
    code: 'policy_invalid',
    message: `${count(errors.length, 'error')} in the policies`,
    hint: 'Each code is explained in docs/reference/policies.md.',
    exit: 'invalidPolicy',
  })
}
