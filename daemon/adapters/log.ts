import { destination, pino } from 'pino'
import type { AuditEvent, Audit } from '../ports/audit.ts'
import type { Log } from '../ports/log.ts'

/** JSON lines on standard output. Lines are written at once, so that a killed daemon has said what it did. */
export const createLog = (level: string): Log =>
  pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination({ fd: 1, sync: true }),
  )

/** Audit events as log lines of their own, marked `audit`, until the audit chain keeps them in the store. */
export const createLogAudit = (log: Log): Audit => ({
  record: (event: AuditEvent) => log.info({ audit: true, ...event }, 'audit'),
})
