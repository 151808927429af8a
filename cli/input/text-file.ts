import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { localProblem } from '../problem.ts'

const LINE_BREAK = 0x0a

/** The number of the first line that is not UTF-8. */
const badLine = (bytes: Buffer): number => {
  let line = 1
  for (let start = 0; ; line += 1) {
    const end = bytes.indexOf(LINE_BREAK, start)
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line
    start = end + 1
  }
}

/**
 * Bytes as text; `name` names their source. Throws `Problem` `not_utf8`, for a reader that put another
 * character in the place of each bad byte would send, compare or write back what nobody has typed.
 */
export const decodeText = (bytes: Buffer, name: string): string => {
  if (isUtf8(bytes)) return bytes.toString('utf8')
  const line = badLine(bytes)
  throw localProblem('not_utf8', `${name} is not UTF-8 text: see line ${line}`, 'Save it as UTF-8.')
}

/** The text of a file. Throws `Problem` `not_utf8`, and what the system says. */
export const readText = (path: string): string => {
  try {
    return decodeText(readFileSync(path), path)
  } catch (error) {
    // Node names no path when it reads a directory.
    if (error instanceof Error && 'syscall' in error) throw Object.assign(error, { path })
    throw error
  }
}
