/**
 * Tells a listener, if there is one, soon and apart from the call that runs: what it throws is its own
 * uncaught error, as with any event listener.
 */
export const notify = <T>(listener: ((value: T) => void) | undefined, value: T): void => {
  if (listener !== undefined) queueMicrotask(() => listener(value))
}

/** Who is told. The same function may listen more than once: each time for itself. */
export const createListeners = <T>() => {
  const all = new Set<{ readonly listener: (value: T) => void }>()
  return {
    /** Returns how to stop that. */
    add: (listener: (value: T) => void): (() => void) => {
      const one = { listener }
      all.add(one)
      return () => void all.delete(one)
    },
    tell: (value: T): void => all.forEach(({ listener }) => notify(listener, value)),
    clear: (): void => all.clear(),
  }
}
