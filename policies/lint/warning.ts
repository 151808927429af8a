import type { DiagnosticCode } from '../text/diagnostic-kinds.ts'

/** Something legal and probably not meant, before it has a place. */
export interface Warning {
  readonly code: DiagnosticCode
  readonly message: string
  /** The part of the statement that it is about, as a pointer: `/Action/0`; the statement, if left out. */
  readonly pointer?: string
  /** What to do, where what the code says of all its cases does not fit. */
  readonly hint?: string
}

/** A pointer to a value of an element: to the item of a list, or to the element that has no list. */
export const pointerTo = (element: string, values: unknown, index: number): string =>
  Array.isArray(values) ? `/${element}/${index}` : `/${element}`
