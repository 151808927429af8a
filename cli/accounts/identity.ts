import { nameOf } from '../connection/acting.ts'
import type { Connection, ConnectFlags, TokenSource } from '../connection/client.ts'
import { claimsOf, type Claims } from '../connection/token.ts'
import { whereAllowed } from '../errors/allowed.ts'
import type { Row, View } from '../output/print.ts'

/** Where the token is, and how it is protected there. */
const storageOf = ({ kind }: TokenSource): string => {
  if (kind === 'file') return 'a file of mode 0600, not encrypted'
  return kind === 'AUTHCTL_TOKEN'
    ? 'the environment; nothing is stored'
    : 'the file that the environment names'
}

const tokenOf = (source: TokenSource): string => {
  if (source.kind === 'none') return ''
  return source.kind === 'file' ? source.session.accessToken : source.token
}

/** Somebody as they are shown. */
interface Identity {
  readonly data: Readonly<Record<string, unknown>>
  readonly row: Row
  readonly sessionExpiresAt: string | null
}

const personOf = async ({ client }: Connection): Promise<Identity> => {
  const account = await client.auth.me()
  const { items } = await client.sessions.list()
  const { id, role, name, username, phone } = account
  const sessionExpiresAt = items.find(({ current }) => current)?.expires_at ?? null
  return { data: { account }, row: { id, role, name, username, phone }, sessionExpiresAt }
}

/** An application has no session, and may be narrowed to less than reading its own owner. */
const applicationOf = async (
  { client }: Connection,
  { subject: id, ownerId }: Pick<Claims, 'subject' | 'ownerId'>,
): Promise<Identity> => {
  const account = (await whereAllowed(client.auth.me())) ?? null
  const owner = account === null ? `the account ${ownerId}` : nameOf(account)
  const data = { application: { id, owner_id: ownerId }, account }
  return { data, row: { id, role: 'application', acts_for: owner }, sessionExpiresAt: null }
}

/** Who the token belongs to, how long it lives, where it came from and how it is kept (CLI-C15). */
export const identityView = async (flags: ConnectFlags): Promise<View> => {
  const { connect } = await import('../connection/client.ts')
  const connection = await connect(flags)
  const { server, source, expiresAt } = connection
  const claims = claimsOf(tokenOf(source))
  const { data, row, sessionExpiresAt } =
    claims.role === 'application' ? await applicationOf(connection, claims) : await personOf(connection)
  const token = {
    source: source.kind === 'file' ? source.path : source.kind,
    storage: storageOf(source),
    expires_at: await expiresAt(),
  }
  const context = server.context?.name ?? null
  const shown = {
    ...row,
    context,
    server: server.url,
    server_chosen_by: server.why,
    token_source: source.kind === 'file' ? `${source.path} (mode 0600)` : source.kind,
    token_storage: token.storage,
    token_expires_at: token.expires_at,
    session_expires_at: sessionExpiresAt,
  }
  return {
    data: { context, server: server.url, ...data, token, session_expires_at: sessionExpiresAt },
    rows: [shown],
    columns: Object.keys(shown),
    isRecord: true,
    nameColumn: 'id',
  }
}
