const HELD_MS = 5

/** For loops whose length a caller decides: lets everybody else run whenever the loop has held the process for a few milliseconds. */
export const createBreather = (): (() => Promise<void>) => {
  let since = performance.now()
  return async () => {
    if (performance.now() - since < HELD_MS) return
    await new Promise((resolve) => setImmediate(resolve))
    since = performance.now()
  }
}
