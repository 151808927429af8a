/**
 * The one-time token that lets whoever can read the data directory create the first super-admin over HTTP.
 */
export interface SetupToken {
  /** Makes sure that a live one exists; answers where it can be read. */
  issue(now: number): string
  /** Whether the text is the live token; compared in constant time. */
  matches(text: string, now: number): boolean
  /** Removes it after use. */
  discard(): void
}
