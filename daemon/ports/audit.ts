/**
 * Something that happened and that somebody may have to account for. Never carries a secret; a phone number
 * only in masked form.
 */
export interface AuditEvent {
  readonly event: string
  readonly outcome: 'success' | 'failure'
  /** The true reason of a failure, which the caller is not told. */
  readonly reason?: string
  readonly actorId?: string
  readonly targetId?: string
  readonly sessionId?: string
  /** The application that acted for `actorId`. */
  readonly applicationId?: string
  readonly role?: string
  readonly phone?: string
  readonly ip?: string | null
  /** As the caller says, cut to 200 characters. */
  readonly userAgent?: string | null
  readonly requestId?: string
  /** For a denial: what `explain` takes. */
  readonly decisionId?: string
}

/** Takes what has to be accounted for. */
export interface Audit {
  record(event: AuditEvent): void
}
