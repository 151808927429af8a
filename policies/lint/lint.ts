import type { Catalogue } from '../catalogue.ts'
import type { Work } from '../engine/covers.ts'
import { DIAGNOSTICS } from '../text/diagnostic-kinds.ts'
import type { Diagnostic } from '../text/diagnostics.ts'
import type { PolicyDocument } from '../language.ts'
import { lintBreadth } from './breadth.ts'
import { lintDeprecated } from './deprecated.ts'
import { lintConditions, lintReach } from './conditions.ts'
import { comparableOf, lintAmong, lintPatterns } from './redundancy.ts'
import type { PlaceOf } from '../text/outline.ts'
import type { Warning } from './warning.ts'

/** A document that the validator has passed, with the place of each statement. */
export interface LintedDocument {
  readonly document: PolicyDocument
  readonly file: string
  readonly placeOf: PlaceOf
}

/**
 * How much a document is compared with itself. Thousands of patterns that differ only behind their wildcards
 * would take minutes.
 */
const MAX_COMPARISONS = 5_000_000

/**
 * What is legal and probably not meant, statement by statement. `now` in epoch milliseconds; `comparisons`
 * bounds how much patterns are compared, for who may not be held up.
 */
export const lintDocument = (
  { document, file, placeOf }: LintedDocument,
  {
    catalogue,
    now,
    comparisons = MAX_COMPARISONS,
  }: { readonly catalogue: Catalogue; readonly now: number; readonly comparisons?: number | undefined },
): Diagnostic[] => {
  const work: Work = { left: comparisons }
  const statements = document.Statement.map(comparableOf)
  const toDiagnostic = ({ code, message, hint, pointer = '' }: Warning, index: number): Diagnostic => {
    const { severity, fix } = DIAGNOSTICS[code]
    const { line, column } = placeOf(index, pointer)
    return { code, severity, message, file, line, column, hint: hint ?? fix, suggestion: null }
  }
  return document.Statement.flatMap((statement, index) => {
    const comparable = statements[index]
    const warnings: Warning[] = [
      ...lintBreadth(statement, { catalogue, work }),
      ...(comparable === undefined ? [] : lintPatterns(statement, comparable, work)),
      ...lintConditions(statement, { catalogue, now }),
      ...lintReach(statement, catalogue),
      ...lintDeprecated(statement, catalogue),
      ...lintAmong(index, { statements, work }),
    ]
    return warnings.map((warning) => toDiagnostic(warning, index))
  })
}
