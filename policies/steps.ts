/**
 * Work that stops every few milliseconds, so that its caller may let others run; it ends with the result.
 */
export type Steps<T> = Generator<undefined, T, undefined>

/** Whether such work comes to true for all of these; it stops at the first for which it does not. */
export function* forAll<T>(all: Iterable<T>, ask: (one: T) => Steps<boolean>): Steps<boolean> {
  for (const one of all) if (!(yield* ask(one))) return false
  return true
}

/** Does such work at once. */
export const finish = <T>(steps: Steps<T>): T => {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
