/** The one source of time: epoch milliseconds. */
export interface Clock {
  now(): number
}
