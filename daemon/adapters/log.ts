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

/**
 * JSON lines on standard output. None waits longer than the current turn of the event loop, so that a killed
 * daemon has said what it did.
 */
export const createLog = (level: string): Log & { level: string } =>
  pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    writeByTurn(destination({ fd: 1, sync: true })),
  )

/** Audit events as log lines of their own, marked `audit`, until the audit chain keeps them in the store. */
export const createLogAudit = (log: Log): Audit => ({
  record: (event: AuditEvent) => log.info({ audit: true, ...event }, 'audit'),
})
