import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** One line of the development outbox. */
export interface OutboxEntry {
  readonly at: string
  /** E.164. */
  readonly number: string
  readonly code: string
  readonly purpose: string
  readonly expires_at: string
}

const POLL_MS = 200

const digitsOf = (text: string): string => text.replace(/\D/g, '')

/** A number without its country code finds every number that ends in it. */
const isFor = (entry: OutboxEntry, number: string | undefined): boolean => {
  if (number === undefined) return true
  const wanted = digitsOf(number)
  return number.startsWith('+')
    ? digitsOf(entry.number) === wanted
    : digitsOf(entry.number).endsWith(wanted.replace(/^0+/, ''))
}

const parseLines = (text: string, number: string | undefined): OutboxEntry[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as OutboxEntry)
    .filter((entry) => isFor(entry, number))

/**
 * The entries after `from` bytes, and where the last whole line ends. No file yet: no entries. A file that
 * shrank is read anew.
 */
export const readOutbox = (
  path: string,
  number: string | undefined,
  from = 0,
): { entries: OutboxEntry[]; size: number } => {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { entries: [], size: 0 }
    throw error
  }
  try {
    const { size } = fstatSync(file)
    const start = size < from ? 0 : from
    const buffer = Buffer.alloc(size - start)
    const read = readSync(file, buffer, 0, buffer.length, start)
    // A line that is still being written has no line break yet.
    const end = buffer.subarray(0, read).lastIndexOf(0x0a) + 1
    return { entries: parseLines(buffer.toString('utf8', 0, end), number), size: start + end }
  } finally {
    closeSync(file)
  }
}

/** New entries in groups as they are written, for ever. */
export async function* followOutbox(
  path: string,
  number: string | undefined,
  from: number,
): AsyncGenerator<OutboxEntry[]> {
  let position = from
  for (;;) {
    await sleep(POLL_MS)
    const { entries, size } = readOutbox(path, number, position)
    position = size
    if (entries.length > 0) yield entries
  }
}

/** The newest entry that has not expired; waits for one up to `waitMs`. */
export const waitForLiveCode = async (
  path: string,
  number: string | undefined,
  waitMs: number,
): Promise<OutboxEntry | undefined> => {
  const deadline = Date.now() + waitMs
  for (;;) {
    const newest = readOutbox(path, number).entries.findLast(
      (entry) => Date.parse(entry.expires_at) > Date.now(),
    )
    if (newest !== undefined || Date.now() > deadline) return newest
    await sleep(POLL_MS)
  }
}
