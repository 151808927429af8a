import type { DiagnosticCode } from '../text/diagnostic-kinds.ts'

/** Something legal and probably not meant, before it has a place. */
export interface Warning {
  readonly code: DiagnosticCode
  readonly message: string
  /** What to do, where what the code says of all its cases does not fit. */
  readonly hint?: string
}
