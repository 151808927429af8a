import { writeSync } from 'node:fs'
import type { AuditEvent, Audit } from '../ports/audit.ts'
import type { Log } from '../ports/log.ts'

const STANDARD_OUTPUT = 1
const FULL_PIPE_WAIT_MS = 5
/** The numbers by which readers of such logs know the levels. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, silent: Infinity } as const

const isLevel = (level: string): level is keyof typeof LEVELS => Object.hasOwn(LEVELS, level)

const pause = (ms: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)), 0, 0, ms)

/** What is kept while nothing can be written, as on a full disk; what is said beyond that is lost. */
const MOST_KEPT_BYTES = 1024 * 1024
const NOTHING = new Uint8Array()

/**
 * Writes to standard output before it returns: what was said is with its reader even if the process is killed
 * next. Waits while a pipe is full. Answers what cannot be written now; undefined when nobody reads any more.
 */
const writeNow = (bytes: Uint8Array): Uint8Array | undefined => {
  let rest = bytes
  while (rest.length > 0)
    try {
      rest = rest.subarray(writeSync(STANDARD_OUTPUT, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') return undefined
      if (code !== 'EAGAIN') return rest
      pause(FULL_PIPE_WAIT_MS)
    }
  return NOTHING
}

/** What the logs of this process have still to write. */
const pending = new Set<() => void>()
process.once('exit', () => {
  // What still cannot be written stays pending.
  const last = [...pending]
  for (const flush of last) flush()
})

/**
 * Writes the lines of one turn of the event loop together, at its end and when the process exits: under load
 * one system call, not hundreds. What could not be written goes before the next lines.
 */
const createWriting = (): ((line: string) => void) => {
  let lines = ''
  let kept: Uint8Array | undefined = NOTHING
  const flush = (): void => {
    const said = lines
    lines = ''
    pending.delete(flush)
    if (kept === undefined) return
    if (kept.length === 0) kept = writeNow(Buffer.from(said))
    else kept = writeNow(kept.length < MOST_KEPT_BYTES ? Buffer.concat([kept, Buffer.from(said)]) : kept)
    if (kept !== undefined && kept.length > 0) pending.add(flush)
  }
  return (line) => {
    if (lines === '') {
      pending.add(flush)
      setImmediate(flush)
    }
    lines += line
  }
}

/** The time as text; many lines are of the same millisecond. */
const createTimestamp = (): (() => string) => {
  let at = NaN
  let text = ''
  return () => {
    const now = Date.now()
    if (now !== at) text = new Date((at = now)).toISOString()
    return text
  }
}

/** Characters that terminals obey or break lines at, which JSON leaves as they are (16.4.1 of ASVS 5). */
const UNSAFE = /[\x7F-\x9F\u2028\u2029]/g
const escapeUnsafe = (json: string): string =>
  json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A log whose level can be changed. */
export interface OwnLog extends Log {
  level: string
  /** Writes at every level but `silent`. */
  always(fields: object, message: string): void
}

/**
 * JSON lines on standard output. None waits longer than the current turn of the event loop, so that a killed
 * daemon has said what it did.
 */
export const createLog = (level: string): OwnLog => {
  const put = createWriting()
  const timestamp = createTimestamp()
  let own = level
  let least: number = isLevel(level) ? LEVELS[level] : LEVELS.info
  const write = (number: number, fields: object, message: string): void => {
    const said = escapeUnsafe(JSON.stringify(fields).slice(1, -1))
    put(
      `{"level":${number},"time":"${timestamp()}",${said}${said === '' ? '' : ','}"msg":${JSON.stringify(message)}}\n`,
    )
  }
  const at =
    (number: number): Log['info'] =>
    (fields, message) => {
      if (number >= least) write(number, fields, message)
    }
  return {
    debug: at(LEVELS.debug),
    info: at(LEVELS.info),
    warn: at(LEVELS.warn),
    error: at(LEVELS.error),
    always: (fields, message) => {
      if (least !== LEVELS.silent) write(LEVELS.info, fields, message)
    },
    get level() {
      return own
    },
    set level(next) {
      own = next
      least = isLevel(next) ? LEVELS[next] : LEVELS.info
    },
  }
}

/** Audit events as log lines of their own, marked `audit`. */
export const createLogAudit = (write: Log['info']): Audit => ({
  record: (event: AuditEvent) => write({ audit: true, ...event }, 'audit'),
})
