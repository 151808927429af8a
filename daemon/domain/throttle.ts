/** A wait between the events of a key that grows with each of them; nothing is ever locked. */
export interface Throttle {
  readonly key: string
  /** So many events wait for nothing. */
  readonly free: number
  /** The wait after the last free event; it doubles with every further one. */
  readonly firstWaitMs: number
  readonly maxWaitMs: number
  /** Without an event for this long after its wait, all is forgotten. */
  readonly forgottenAfterMs: number
}

/** The wait after the given number of events. */
export const waitAfter = ({ free, firstWaitMs, maxWaitMs }: Throttle, events: number): number =>
  events < free ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** (events - free))
