import type { Principal } from '../domain/session.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { Origin } from './deps.ts'

/** Where an audited request came from. */
export const originFields = ({ ip, requestId }: Origin): Pick<AuditEvent, 'ip' | 'requestId'> => ({
  ip,
  requestId,
})

/** Who acted, in which session, and from where. */
export const actorFields = (
  { account, session }: Principal,
  origin: Origin,
): Pick<AuditEvent, 'actorId' | 'sessionId' | 'ip' | 'requestId'> => ({
  actorId: account.id,
  sessionId: session.id,
  ...originFields(origin),
})
