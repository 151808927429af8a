/** What dispatches events; the types of the web are not there on every platform. */
interface Events<Event> {
  addEventListener(type: string, listener: (event: Event) => void): void
  removeEventListener(type: string, listener: (event: Event) => void): void
}

/** A channel to the other tabs of an origin. */
interface Channel extends Events<unknown> {
  postMessage(message: string): void
  close(): void
  /** Node's keeps the process alive without it. */
  unref?(): void
}

/** What a page has, and workers and servers may lack. */
interface Web extends Partial<Events<{ readonly key: string | null }>> {
  readonly document?: Events<unknown> & { readonly hidden: boolean; cookie: string }
  readonly location?: { readonly protocol: string }
  readonly navigator?: {
    readonly locks?: {
      request(
        name: string,
        options: { readonly signal?: AbortSignal; readonly mode?: 'shared' },
        work: () => Promise<unknown>,
      ): Promise<unknown>
      query(): Promise<{ readonly held?: readonly { readonly name?: string | undefined }[] | undefined }>
    }
    readonly credentials?: {
      get?(options: {
        otp: { transport: readonly ['sms'] }
        signal: AbortSignal
      }): Promise<{ readonly code?: string } | null>
    }
  }
  readonly BroadcastChannel?: new (name: string) => Channel
}

/** The globals of the platform, each of which may be missing. */
export const web = (): Web => globalThis as Web
