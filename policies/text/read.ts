import { createReport, type Diagnostic, type Report } from './diagnostics.ts'
import { parseJson, type JsonNode, type Parse } from './json.ts'
import { BOUNDS } from '../language.ts'

/** What came of reading a file: `node` is undefined if there is an error. */
export interface ReadFile {
  readonly node: JsonNode | undefined
  /** In the order of the text. */
  readonly diagnostics: readonly Diagnostic[]
}

/** How a file is read. */
export interface ReadOptions {
  /** A longer text is not read. */
  readonly maxBytes?: number
  /** Default: strict JSON. */
  readonly parse?: Parse | undefined
}

/**
 * Reads a file of a policy set and checks it by `check`, which reports what is wrong; all errors of the file
 * come together.
 */
export const readChecked = (
  text: string,
  file: string,
  check: (node: JsonNode, report: Report) => void,
  { maxBytes = BOUNDS.documentBytes, parse = parseJson }: ReadOptions = {},
): ReadFile => {
  const report = createReport(file, text)
  const bytes = new TextEncoder().encode(text).length
  if (bytes > maxBytes) {
    report.add('E_LIMIT', 0, `${bytes} bytes, of at most ${maxBytes}`)
    return { node: undefined, diagnostics: report.all() }
  }
  const { node, problems } = parse(text)
  for (const { code, at, message, hint } of problems)
    report.add(code, at, message, hint === undefined ? {} : { hint })
  if (node !== undefined) check(node, report)
  const diagnostics = report.all()
  return { node: diagnostics.length === 0 ? node : undefined, diagnostics }
}
