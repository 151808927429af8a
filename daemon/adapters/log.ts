import { destination, pino, type DestinationStream } from 'pino'
import type { AuditEvent, Audit } from '../ports/audit.ts'
import type { Log } from '../ports/log.ts'

/**
 * Writes the lines of one turn of the event loop together, at its end and when the process exits: under load
 * one system call, not hundreds.
 */
const writeByTurn = (target: DestinationStream): DestinationStream => {
  let lines = ''
  const flush = (): void => {
    const written = lines
    lines = ''
    if (written !== '') target.write(written)
  }
  process.once('exit', flush)
  return {
    write: (line) => {
      if (lines === '') setImmediate(flush)
      lines += line
    },
  }
}

/** A log whose level can be changed. */
export interface OwnLog extends Log {
  level: string
  /** Writes at every level but `silent`. */
  always(fields: object, message: string): void
}

const alwaysLevel = (level: string): string => (level === 'silent' ? 'silent' : 'info')

/**
 * JSON lines on standard output. None waits longer than the current turn of the event loop, so that a killed
 * daemon has said what it did.
 */
export const createLog = (level: string): OwnLog => {
  const log = pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    writeByTurn(destination({ fd: 1, sync: true })),
  )
  const always = log.child({}, { level: alwaysLevel(level) })
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
    always: (fields, message) => always.info(fields, message),
    get level() {
      return log.level
    },
    set level(next) {
      log.level = next
      always.level = alwaysLevel(next)
    },
  }
}

/** Audit events as log lines of their own, marked `audit`. */
export const createLogAudit = (write: Log['info']): Audit => ({
  record: (event: AuditEvent) => write({ audit: true, ...event }, 'audit'),
})
