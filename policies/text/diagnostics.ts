import { DIAGNOSTICS, type DiagnosticCode } from './diagnostic-kinds.ts'
import { positionsOf } from './json.ts'
import { createSuggestionBudget, nearest } from './nearest.ts'

/** Something wrong in a file, at a place. */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly file: string
  readonly line: number
  readonly column: number
  /** What to do. */
  readonly hint: string
  /** "Did you mean"; null if nothing is near. */
  readonly suggestion: string | null
}

/** What a diagnostic says besides its message. */
interface Advice {
  /** "Did you mean". */
  readonly suggestion?: string | undefined
  /** What to do, where what the code says of all its cases is not the next step of this one. */
  readonly hint?: string
}

/** Gathers the diagnostics of one file. */
export interface Report {
  /** `advice`: a text is the suggestion. */
  readonly add: (code: DiagnosticCode, at: number, message: string, advice?: string | Advice) => void
  /** The name that was probably meant. One budget for the file: see {@link nearest}. */
  readonly nearest: (word: string, names: Iterable<string>) => string | undefined
  /** In the order of the text. */
  readonly all: () => Diagnostic[]
}

/** An empty report about a file; `text` gives its places their lines and columns. */
export const createReport = (file: string, text: string): Report => {
  const positionOf = positionsOf(text)
  const found: { at: number; diagnostic: Diagnostic }[] = []
  const budget = createSuggestionBudget()
  return {
    add: (code, at, message, advice) => {
      const { severity, fix } = DIAGNOSTICS[code]
      const { suggestion = null, hint = fix } = typeof advice === 'object' ? advice : { suggestion: advice }
      const diagnostic = { code, severity, message, file, ...positionOf(at), hint, suggestion }
      found.push({ at, diagnostic })
    },
    nearest: (word, names) => nearest(word, names, { budget }),
    all: () => found.sort((a, b) => a.at - b.at).map(({ diagnostic }) => diagnostic),
  }
}

/** How much of a long line is shown before the place, and of the whole line. */
const EXCERPT = { before: 40, length: 100 }
/**
 * What has no width of its own or would reorder the line: shown as one dot, so that the caret stays below its
 * character.
 */
const SHOWN_AS_DOT = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The line of a place with a caret below it. */
const excerptOf = (line: number, column: number, text: string): string[] => {
  const from = text.length <= EXCERPT.length ? 0 : Math.max(0, column - 1 - EXCERPT.before)
  const shown = text
    .slice(from, from + EXCERPT.length)
    .replaceAll('\t', ' ')
    .replace(SHOWN_AS_DOT, '·')
  const number = String(line)
  const [before, after] = [from > 0 ? '…' : '', from + EXCERPT.length < text.length ? '…' : '']
  const blanks = ' '.repeat(before.length + column - 1 - from)
  return [`  ${number} | ${before}${shown}${after}`, `  ${' '.repeat(number.length)} | ${blanks}^`]
}

/**
 * One diagnostic as compilers print them; with the text of its line, that is shown with a caret below the
 * place.
 */
export const renderDiagnostic = (
  { file, line, column, severity, code, message, hint, suggestion }: Diagnostic,
  lineText?: string,
): string =>
  [
    `${file}:${line}:${column}: ${severity} ${code}: ${message}`,
    ...(lineText === undefined ? [] : excerptOf(line, column, lineText)),
    ...(suggestion === null ? [] : [`  did you mean ${suggestion}?`]),
    ...(hint === '' ? [] : [`  ${hint}`]),
  ].join('\n')
