/** Where a request comes from. */
export interface RequestOrigin {
  /** The address of the peer, behind trusted proxies that of the client; null when there is none. */
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string
  /** What requests to others that are made for this one carry; undefined when it belongs to no trace. */
  readonly traceparent?: string | undefined
}
