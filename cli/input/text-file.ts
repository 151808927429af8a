import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import type { Parse } from '../../policies/validate/index.ts'
import { localProblem } from '../problem.ts'

const LINE_BREAK = 0x0a

/** The first line that is not UTF-8: its number, and where it begins. */
const badLine = (bytes: Buffer): { readonly line: number; readonly start: number } => {
  let line = 1
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(LINE_BREAK, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return { line, start }
    start = end + 1
  }
}

const REMEDY = 'Save it as UTF-8.'

/**
 * Bytes as text; `name` names their source. Throws `Problem` `not_utf8`, for a reader that put another
 * character in the place of each bad byte would send, compare or write back what nobody has typed.
 */
export const decodeText = (bytes: Buffer, name: string): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const { line } = badLine(bytes)
  throw localProblem('not_utf8', `${name} is not UTF-8 text: see line ${line}`, REMEDY)
}

const read = <T>(path: string, decode: (bytes: Buffer) => T): T => {
  try {
    return decode(readFileSync(path))
  } catch (error) {
    // Node names no path when it reads a directory.
    if (error instanceof Error && 'syscall' in error) throw Object.assign(error, { path })
    throw error
  }
}

/** The text of a file. Throws `Problem` `not_utf8`, and what the system says. */
export const readText = (path: string): string => read(path, (bytes) => decodeText(bytes, path))

/** The text of a file to be checked, and how it is read if that is known. */
export interface CheckedText {
  readonly text: string
  readonly parse?: Parse
}

/**
 * The same for a check that names everything that is wrong: a file that is not UTF-8 is read as one fault at
 * the first place that is none. Its text is to be shown, and nothing else.
 */
export const readChecked = (path: string): CheckedText =>
  read(path, (bytes) => {
    const text = bytes.toString('utf8')
    if (isUtf8(bytes)) return { text }
    const { start } = badLine(bytes)
    const { length } = bytes.subarray(0, start).toString('utf8')
    const at = Math.max(length, text.indexOf('\uFFFD', length))
    return {
      text,
      parse: () => ({
        node: undefined,
        problems: [{ code: 'E_JSON', at, message: 'this is not UTF-8 text', hint: REMEDY }],
      }),
    }
  })
