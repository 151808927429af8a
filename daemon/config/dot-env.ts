/** What a `.env` file says, and each line that cannot be understood, by its number and never by its text. */
export interface DotEnv {
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly string[]
}

const ASSIGNMENT = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/
const QUOTES = ['"', "'", '`'] as const
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\', $: '$' }
const REST = /^[ \t]*(?:#[^\n]*)?$/

class NotUnderstood extends Error {}

const fail = (message: string): never => {
  throw new NotUnderstood(message)
}

/**
 * A value without quotes ends at the end of the line or where a comment begins: at a `#` after white space.
 */
const readPlain = (text: string): string => {
  const value = (/^(?:.*?)(?=[ \t]#|$)/s.exec(text.startsWith('#') ? '' : text)?.[0] ?? '').trimEnd()
  if (/["'`]/.test(value)) fail('has a quotation mark inside a value: put the whole value into quotes')
  return value
}

const unescape = (value: string): string =>
  value.replaceAll(
    /\\([\s\S]?)/g,
    (_match, letter: string) =>
      ESCAPES[letter] ?? fail('has an unknown escape after a backslash: write \\\\, or use single quotes'),
  )

/** Where a quoted value ends; a backslash shields the next character of a double-quoted one. */
const endOfQuoted = (text: string, quote: string): number => {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === quote) return at
    if (quote === '"' && text[at] === '\\') at += 1
  }
  return -1
}

/**
 * The value at the start of `text`, which may run over several lines when it is quoted, and how long it is.
 */
const readValue = (text: string): { value: string; length: number } => {
  const quote = QUOTES.find((mark) => text.startsWith(mark))
  const line = text.slice(0, (text + '\n').indexOf('\n'))
  if (quote === undefined) return { value: readPlain(line), length: line.length }
  const end = endOfQuoted(text, quote)
  if (end === -1) fail('opens a quotation mark that is never closed')
  const after = text.slice(end + 1, (text + '\n').indexOf('\n', end))
  if (!REST.test(after)) fail('goes on after the closing quotation mark: write \\" for one inside the value')
  const inner = text.slice(1, end)
  return { value: quote === '"' ? unescape(inner) : inner, length: end + 1 + after.length }
}

/**
 * Reads a `.env` file: `NAME=value` a line, an optional `export`, comments, blank lines. A plain value is
 * taken as it stands, a `#` inside a word and a backslash too. Single quotes and backticks change nothing
 * inside them; double quotes know `\n`, `\r`, `\t`, `\"`, `\\` and `\$`. Nothing is expanded. A byte order
 * mark at the head and Windows line ends are passed over.
 */
export const parseDotEnv = (content: string): DotEnv => {
  // Its two marks of byte order are no UTF-8.
  if (content.startsWith('\uFFFD\uFFFD'))
    return { values: new Map(), problems: ['.env is not UTF-8 but perhaps UTF-16: save it as UTF-8'] }
  const text = content.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  const values = new Map<string, string>()
  const lines = new Map<string, number>()
  const problems: string[] = []
  let line = 1
  const readLine = (at: number): number => {
    const end = (text + '\n').indexOf('\n', at)
    if (REST.test(text.slice(at, end))) return end
    try {
      const indent = /^[ \t]*/.exec(text.slice(at, end))?.[0].length ?? 0
      const [assignment, name = ''] =
        ASSIGNMENT.exec(text.slice(at + indent, end)) ?? fail('is not NAME=value')
      const start = at + indent + assignment.length
      const { value, length } = readValue(text.slice(start))
      const earlier = lines.get(name)
      if (earlier !== undefined)
        problems.push(`.env line ${line} sets ${name}, as line ${earlier} does: keep one`)
      values.set(name, value)
      lines.set(name, line)
      return start + length
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error
      problems.push(`.env line ${line} ${error.message}`)
      return end
    }
  }
  for (let at = 0; at < text.length;) {
    const end = readLine(at)
    line += text.slice(at, end).split('\n').length
    at = end + 1
  }
  return { values, problems }
}
