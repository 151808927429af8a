const HELD_MS = 2

/** Lets everybody else run, if it is time to. */
export type Breathe = () => Promise<void>

/** When everybody else could run last: of all loops together, so that short ones in a row hold nobody up. */
let since = performance.now()

const breathe: Breathe = async () => {
  if (performance.now() - since < HELD_MS) return
  await new Promise((resolve) => setImmediate(resolve))
  since = performance.now()
}

/**
 * For loops whose length a caller decides: lets everybody else run whenever such loops have held the process
 * for a few milliseconds.
 */
export const createBreather = (): Breathe => breathe

/** What `make` makes of each, in their order; others are served in between. */
export const inTurns = async <T, U>(each: Iterable<T>, make: (one: T) => U): Promise<U[]> => {
  const made: U[] = []
  for (const one of each) {
    await breathe()
    made.push(make(one))
  }
  return made
}

/** What work that can be stopped comes to; others are served in between. */
export const inPieces = async <T>(steps: Generator<unknown, T, undefined>): Promise<T> => {
  for (;;) {
    await breathe()
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
