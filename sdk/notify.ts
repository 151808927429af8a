/**
 * Tells a listener, soon and apart from the call that runs: what it throws is its own uncaught error, as with
 * any event listener.
 */
export const notify = <T>(listener: (value: T) => void, value: T): void =>
  queueMicrotask(() => listener(value))
