/**
 * Work that stops every few milliseconds, so that its caller may let others run; it ends with the result.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** Does such work at once. */
export const finish = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
