/**
 * A quota that a request is counted against, as its caller is told of it. Only what is about the caller, or
 * is fixed: never how much others have used.
 */
export interface Quota {
  /** What is limited, such as `sign-in-ip`. */
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  /** What is left of it, and for how long; undefined where callers are not told. */
  readonly left?: { readonly events: number; readonly resetMs: number }
}

/** What a request says of the way that it came, before anything of it is believed. */
export interface SeenRequest {
  /** Who has connected: the client, or the last proxy. */
  readonly peer: string | null
  readonly host: string | null
  /** The addresses of `X-Forwarded-For`, as they stand there. */
  readonly forwardedFor: readonly string[]
  readonly forwardedProto: string | null
  readonly forwardedHost: string | null
}

/** Where a request comes from. */
export interface RequestOrigin {
  /** The address of the peer, behind trusted proxies that of the client; null when there is none. */
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string
  /** What requests to others that are made for this one carry; undefined when it belongs to no trace. */
  readonly traceparent?: string | undefined
  /** What it says of its way, for those who look after proxies. */
  readonly seen?: () => SeenRequest
  /** Tells the caller of quotas, whatever the answer will be. */
  readonly tellQuotas?: (quotas: readonly Quota[]) => void
}
