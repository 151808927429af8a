import type { Diagnostic } from '../../../policies/validate/index.ts'
import type { FieldError } from '../../domain/failure.ts'

/** An answer is no longer than a person reads; `authctl policies validate` shows all. */
const MAX_ERRORS = 100

/** Diagnostics as the fields of an answer, the first hundred: the place in the text in the pointer. */
export const fieldErrorsOf = (diagnostics: readonly Diagnostic[]): FieldError[] =>
  diagnostics.slice(0, MAX_ERRORS).map(({ file, line, column, code, message, suggestion, hint }) => ({
    pointer: `${file}:${line}:${column}`,
    code,
    detail: `${message}.${suggestion === null ? '' : ` Did you mean ${suggestion}?`} ${hint}`,
  }))
