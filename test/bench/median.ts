/** What a share of some figures lies below, from 0 to 1; NaN of none. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? NaN

/** The middle of some figures, the upper one of two; NaN of none. */
export const median = (values: readonly number[]): number => quantile(values, 0.5)
