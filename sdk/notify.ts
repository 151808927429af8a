/**
 * Tells a listener, if there is one, soon and apart from the call that runs: what it throws is its own
 * uncaught error, as with any event listener.
 */
export const notify = <T>(listener: ((value: T) => void) | undefined, value: T): void => {
  if (listener !== undefined) queueMicrotask(() => listener(value))
}
