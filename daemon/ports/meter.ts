/** How an attempt to send a code ended: sent, given up, put off, or without knowing whether it was sent. */
export type DeliveryOutcome = 'sent' | 'failed' | 'retried' | 'unknown'

/**
 * Counts what happened since the start, for those who look after the service. Counts only grow, and name
 * nobody.
 */
export interface Meter {
  /** Denials by policies: of requests to the daemon, or of questions by applications. */
  countDenials(of: 'requests' | 'questions', count: number): void
  /** One-time codes handed to the SMS sender. */
  countDelivery(outcome: DeliveryOutcome): void
}

/** Counts nothing: for a daemon that shows no metrics, and for work on the host. */
export const SILENT_METER: Meter = { countDenials: () => undefined, countDelivery: () => undefined }
