/** A moment by two clocks: one that may be set, and one that may stand still while the machine sleeps. */
export interface Moment {
  readonly clock: number
  readonly steady: number
}

/** This moment. */
export const thisMoment = (): Moment => ({ clock: Date.now(), steady: performance.now() })

/** How long ago a moment was, in milliseconds; where the clocks do not agree, the longer time. */
export const msSince = ({ clock, steady }: Moment, now = Date.now()): number =>
  Math.max(now - clock, performance.now() - steady)

/** The moment so many milliseconds later, but not one to come. */
export const later = (moment: Moment, ms: number): Moment => {
  const wanted = { clock: moment.clock + ms, steady: moment.steady + ms }
  return msSince(wanted) < 0 ? thisMoment() : wanted
}
