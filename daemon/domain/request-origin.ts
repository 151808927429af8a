/** Where a request comes from. */
export interface RequestOrigin {
  /** The address of the peer, behind trusted proxies that of the client; null when there is none. */
  readonly ip: string | null
  readonly userAgent: string | null
  readonly requestId: string
}
