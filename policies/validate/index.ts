/**
 * One file of the language, for everybody outside `policies/`: its text, its rules, and what is said about
 * it.
 */

// The rules of each kind of file.
export { validateAttachments } from './attachments.ts'
export { eachAttachment } from './selectors.ts'
export type { WrittenAttachment } from './selectors.ts'
export { validateDocument } from './document.ts'
export { isUnderstood, validateInvariant } from './invariant.ts'
export { validateService } from './service.ts'
export { SCHEMAS } from '../schema.ts'

// Texts that know their lines and columns.
export { parseJson, plainValue, positionsOf } from '../text/json.ts'
export type { JsonNode, Member, Parse, Position } from '../text/json.ts'
export { readChecked } from '../text/read.ts'

// What is said about them.
export { DIAGNOSTICS } from '../text/diagnostic-kinds.ts'
export type { DiagnosticKind } from '../text/diagnostic-kinds.ts'
export { renderDiagnostic } from '../text/diagnostics.ts'
export type { Diagnostic } from '../text/diagnostics.ts'
export { findingsOf, renderSarif } from '../text/sarif.ts'
export type { Finding } from '../text/sarif.ts'
