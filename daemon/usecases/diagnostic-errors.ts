import type { Diagnostic } from '../../policies/diagnostics.ts'
import type { FieldError } from '../domain/failure.ts'

/** Diagnostics as the fields of an answer: the place in the text in the pointer. */
export const fieldErrorsOf = (diagnostics: readonly Diagnostic[]): FieldError[] =>
  diagnostics.map(({ file, line, column, code, message, suggestion, hint }) => ({
    pointer: `${file}:${line}:${column}`,
    code,
    detail: `${message}.${suggestion === null ? '' : ` Did you mean ${suggestion}?`} ${hint}`,
  }))
