import { closeSync, openSync, readSync } from 'node:fs'
import { localProblem } from '../../problem.ts'

const CHUNK_BYTES = 4 * 1024 * 1024
const LINE_FEED = 10
/** How a line of a recording begins; ten digits follow. */
const BEGINNING = '{"at":'
const AT_LENGTH = 10
/** From here on equal questions are equal texts. */
const QUESTION = Buffer.from(',"account":')

/** A question that was recorded once or more often. */
export interface Recorded {
  /** The part of its line that says what was asked, as Latin-1 of its bytes. */
  readonly key: string
  count: number
  /** Epoch seconds. */
  first: number
  last: number
}

/** Everything that some files hold. */
export interface Recording {
  readonly questions: readonly Recorded[]
  /** How many lines were read, and how many of them are none of a recording, such as one that was cut. */
  readonly lines: number
  readonly unreadable: number
}

const latin1 = (buffer: Buffer, start: number, end: number): string => buffer.toString('latin1', start, end)

const openFile = (path: string): number => {
  try {
    return openSync(path, 'r')
  } catch (error) {
    throw localProblem(
      'unreadable_recording',
      `${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
      'The daemon records decisions with AUTHCTL_RECORD_DECISIONS, into decisions.jsonl of its data directory.',
    )
  }
}

/** Gives each line of a file, which is read in pieces: a recording may be larger than memory. */
const eachLine = (path: string, take: (buffer: Buffer, start: number, end: number) => void): void => {
  const file = openFile(path)
  try {
    let buffer = Buffer.alloc(CHUNK_BYTES)
    let held = 0
    for (;;) {
      const read = readSync(file, buffer, held, buffer.length - held, null)
      const length = held + read
      let start = 0
      for (
        let end = buffer.indexOf(LINE_FEED);
        end !== -1 && end < length;
        end = buffer.indexOf(LINE_FEED, start)
      ) {
        take(buffer, start, end)
        start = end + 1
      }
      if (read === 0) {
        if (start < length) take(buffer, start, length)
        return
      }
      held = length - start
      if (held === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)])
      buffer.copy(buffer, 0, start, length)
    }
  } finally {
    closeSync(file)
  }
}

/**
 * Reads recordings; questions that are equal but for their time are one. A line is not parsed: what makes two
 * questions equal is a part of its text.
 */
export const readRecordings = (paths: readonly string[]): Recording => {
  const questions = new Map<string, Recorded>()
  let [lines, unreadable] = [0, 0]
  const take = (buffer: Buffer, start: number, end: number): void => {
    lines += 1
    const at = Number(latin1(buffer, start + BEGINNING.length, start + BEGINNING.length + AT_LENGTH))
    const from = buffer.indexOf(QUESTION, start)
    const isLine = Number.isSafeInteger(at) && latin1(buffer, start, start + BEGINNING.length) === BEGINNING
    if (!isLine || from === -1 || from >= end || buffer[end - 1] !== 125) {
      unreadable += 1
      return
    }
    const key = latin1(buffer, from + 1, end)
    const known = questions.get(key)
    if (known === undefined) questions.set(key, { key, count: 1, first: at, last: at })
    else {
      known.count += 1
      known.first = Math.min(known.first, at)
      known.last = Math.max(known.last, at)
    }
  }
  for (const path of paths) eachLine(path, take)
  return { questions: [...questions.values()], lines, unreadable }
}
