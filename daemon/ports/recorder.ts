/**
 * Keeps decisions for who wants to ask them again. It never fails and never waits: what has no room is lost.
 */
export interface Recorder {
  /** Whether the next decision is among those that are kept. */
  readonly isWanted: () => boolean
  /** Keeps one line, which has no line break. */
  readonly write: (line: string) => void
  /** Writes down what waits, and ends. */
  readonly close: () => Promise<void>
}

/** Keeps nothing. */
export const SILENT_RECORDER: Recorder = {
  isWanted: () => false,
  write: () => undefined,
  close: () => Promise.resolve(),
}
