import type { ConnectFlags, TokenSource } from '../connection/client.ts'
import type { View } from '../output/print.ts'

/** Where the token is, and how it is protected there. */
const storageOf = ({ kind }: TokenSource): string => {
  if (kind === 'file') return 'a file of mode 0600, not encrypted'
  return kind === 'AUTHCTL_TOKEN'
    ? 'the environment; nothing is stored'
    : 'the file that the environment names'
}

/** Who the token belongs to, how long it lives, where it came from and how it is kept (CLI-C15). */
export const identityView = async (flags: ConnectFlags): Promise<View> => {
  const { connect } = await import('../connection/client.ts')
  const { client, server, source, expiresAt } = await connect(flags)
  const account = await client.auth.me()
  const sessions = await client.sessions.list()
  const session = sessions.items.find(({ current }) => current)
  const token = {
    source: source.kind === 'file' ? source.path : source.kind,
    storage: storageOf(source),
    expires_at: await expiresAt(),
  }
  const context = server.context?.name ?? null
  const { id, role, name, username, phone } = account
  const row = {
    id,
    role,
    name,
    username,
    phone,
    context,
    server: server.url,
    server_chosen_by: server.why,
    token_source: source.kind === 'file' ? `${source.path} (mode 0600)` : source.kind,
    token_storage: token.storage,
    token_expires_at: token.expires_at,
    session_expires_at: session?.expires_at ?? null,
  }
  return {
    data: {
      context,
      server: server.url,
      account,
      token,
      session_expires_at: row.session_expires_at,
    },
    rows: [row],
    columns: Object.keys(row),
    isRecord: true,
    nameColumn: 'id',
  }
}
