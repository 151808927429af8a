import { localProblem } from '../problem.ts'
import { listContexts } from './contexts.ts'
import { storedServers } from './credentials.ts'
import type { Server } from './server.ts'

/** What a token says of itself; nothing of it is verified here. */
export interface Claims {
  readonly issuer: string | null
  readonly subject: string | null
  readonly role: string | null
  /** The account that an application acts for. */
  readonly ownerId: string | null
  /** RFC 3339. */
  readonly expiresAt: string | null
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** The claims of a JWT; all null for what is none. */
export const claimsOf = (token: string): Claims => {
  let claims: Readonly<Record<string, unknown>> = {}
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null) claims = { ...value }
  } catch {
    // It says nothing that can be read.
  }
  const { iss, sub, role, owner_id: ownerId, exp } = claims
  return {
    issuer: textOf(iss),
    subject: textOf(sub),
    role: textOf(role),
    ownerId: textOf(ownerId),
    expiresAt: typeof exp === 'number' ? new Date(exp * 1000).toISOString() : null,
  }
}

/** RFC 6750 section 2.1. */
const SENDABLE = /^[\w.~+/-]+=*$/

/**
 * Refuses a token of the environment that no request can carry, and one that was issued by another server
 * that is known here: the variable outlives the change of a context, and the token would be shown to
 * strangers. Who it is issued by may differ from the address at which its server is reached, so an issuer
 * that nobody knows here is let through.
 */
export const requireOwnToken = (
  { kind, token }: { readonly kind: string; readonly token: string },
  { url, why }: Server,
): void => {
  if (!SENDABLE.test(token))
    throw localProblem(
      'invalid_token',
      `${kind} is no access token: it has other characters than one, such as a blank or a line break`,
      'Give a fresh one as it was printed, or sign in with: authctl login',
      'auth',
    )
  const { issuer } = claimsOf(token)
  if (issuer === null || issuer === url) return
  const context = listContexts().find(({ server }) => server === issuer)
  if (context === undefined && !storedServers().includes(issuer)) return
  throw localProblem(
    'token_of_other_server',
    `${kind} is a token of ${issuer}${context === undefined ? '' : ` (the context ${context.name})`} and would go to ${url} (${why}): nothing was sent`,
    context === undefined
      ? `Unset ${kind}, or name its server: --server ${issuer}`
      : `Unset ${kind}, or name its context: --context ${context.name}`,
    'auth',
  )
}
