const HELD_MS = 5

/** Lets everybody else run, if it is time to. */
export type Breathe = () => Promise<void>

/**
 * For loops whose length a caller decides: lets everybody else run whenever the loop has held the process for
 * a few milliseconds.
 */
export const createBreather = (): Breathe => {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < HELD_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    since = performance.now()
  }
}
