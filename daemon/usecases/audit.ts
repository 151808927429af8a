import type { Principal } from '../domain/session.ts'
import type { AuditEvent } from '../ports/audit.ts'
import type { RequestOrigin } from '../domain/request-origin.ts'

/** Where an audited request came from. */
export const originFields = ({
  ip,
  userAgent,
  requestId,
}: RequestOrigin): Pick<AuditEvent, 'ip' | 'userAgent' | 'requestId'> => ({ ip, userAgent, requestId })

/** Who acted, in which session or by which application, and from where. */
export const actorFields = (
  { account, session, application }: Principal,
  origin: RequestOrigin,
): Pick<AuditEvent, 'actorId' | 'sessionId' | 'applicationId' | 'ip' | 'userAgent' | 'requestId'> => ({
  actorId: account.id,
  ...(session === null ? { applicationId: application.id } : { sessionId: session.id }),
  ...originFields(origin),
})
