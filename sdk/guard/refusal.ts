/** An answer that ends a request, as the daemon's own (RFC 9457). */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 503
  readonly headers: Readonly<Record<string, string>>
  /** JSON. */
  readonly body: string
}

interface Problem {
  readonly status: Refusal['status']
  readonly code: string
  readonly title: string
  /** What is to be done where nobody can be asked why. */
  readonly detail?: string | undefined
  readonly decision_id?: string | undefined
  readonly pointer?: string | undefined
}

const refusalOf = (problem: Problem, headers: Readonly<Record<string, string>> = {}): Refusal => ({
  status: problem.status,
  headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
  body: JSON.stringify({ type: 'about:blank', ...problem }),
})

/** Who sent nothing is told no error (RFC 6750 section 3). */
export const AUTHENTICATION_REQUIRED = /* @__PURE__ */ refusalOf(
  {
    status: 401,
    code: 'authentication_required',
    title: 'Send an access token: Authorization: Bearer …',
  },
  { 'WWW-Authenticate': 'Bearer' },
)

/** The token is none, or not one to act by; why is nobody's business (RFC 6750 section 3.1). */
export const INVALID_TOKEN = /* @__PURE__ */ refusalOf(
  {
    status: 401,
    code: 'invalid_token',
    title: 'The access token is not valid: sign in again, or refresh it',
  },
  { 'WWW-Authenticate': 'Bearer error="invalid_token"' },
)

/** Neither yes nor no: who knows does not answer. */
export const UNAVAILABLE = /* @__PURE__ */ refusalOf(
  { status: 503, code: 'unavailable', title: 'The auth server cannot be asked: try again' },
  { 'Retry-After': '1' },
)

/**
 * The policies do not allow it; `access.explain` says why by the id of the decision. With a `detail` nobody
 * was asked, and there is no decision.
 */
export const forbidden = (decisionId: string | undefined, detail?: string): Refusal =>
  refusalOf({
    status: 403,
    code: 'forbidden',
    title: 'The policies do not allow this',
    decision_id: decisionId,
    detail,
  })

/**
 * What the request names cannot be asked about: a resource that is none, or a value of the context of another
 * type.
 */
export const unaskable = (pointer: string): Refusal =>
  refusalOf({
    status: 400,
    code: 'invalid_request',
    title: 'The policies cannot be asked about this',
    pointer,
  })

/** The answer for frameworks that speak the `Response` of the web. */
export const responseOf = ({ status, headers, body }: Refusal): Response =>
  new Response(body, { status, headers })
