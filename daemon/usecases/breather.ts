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
