/** A request as it goes out: the part of `fetch` that the client uses. */
export interface OutgoingRequest {
  readonly method: string
  /** To be changed at will; the access token is among them. */
  readonly headers: Headers
  readonly body: string | undefined
  readonly redirect: 'manual'
  readonly signal: AbortSignal
  /** 1 for the first of the call; `fetch` passes over it. */
  readonly attempt: number
}

/** Sends one request. */
export type Send = (url: string, request: OutgoingRequest) => Promise<Response>

/**
 * Stands between the client and `fetch`, once for each attempt: it may change the request, answer by itself,
 * or look at the answer (without reading its body). The first of several is the outermost. What it throws
 * counts as a failure of the network, unless it is an error of this package.
 */
export type Middleware = (next: Send) => Send
