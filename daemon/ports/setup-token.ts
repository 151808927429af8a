/** The one-time token by which a reader of the data directory creates the first super-admin over HTTP. */
export interface SetupToken {
  /** Makes sure that a live one exists; answers where it can be read. */
  issue(now: number): string
  /** Whether the text is the live token; compared in constant time. */
  matches(text: string, now: number): boolean
  /** Removes it after use. */
  discard(): void
}
