import { createReport, type Diagnostic, type Report } from './diagnostics.ts'
import { parseJson, type JsonNode } from './json.ts'
import { BOUNDS } from '../language.ts'

/** What came of reading a file: `node` is undefined if there is an error. */
export interface ReadFile {
  readonly node: JsonNode | undefined
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Reads a file of a policy set and checks it by `check`, which reports what is wrong; all errors of the file
 * come together. A longer text than `maxBytes` is not read.
 */
export const readChecked = (
  text: string,
  file: string,
  check: (node: JsonNode, report: Report) => void,
  maxBytes: number = BOUNDS.documentBytes,
): ReadFile => {
  const report = createReport(file, text)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > maxBytes) {
    report.add('E_LIMIT', 0, `${bytes} bytes, of at most ${maxBytes}`)
    return { node: undefined, diagnostics: report.all() }
  }
  const { node, problems } = parseJson(text)
  for (const { code, at, message } of problems) report.add(code, at, message)
  if (node !== undefined) check(node, report)
  const diagnostics = report.all()
  return { node: diagnostics.length === 0 ? node : undefined, diagnostics }
}
