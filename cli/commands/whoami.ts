import { RemoteCommand } from '../base-command.ts'
import type { View } from '../output/print.ts'

/** Who the token belongs to, how long it lives, where it came from. */
export default class Whoami extends RemoteCommand<typeof Whoami> {
  static override summary = 'Show who you are, on which server, until when, and where the token came from'
  static override examples = [
    '<%= config.bin %> whoami',
    '<%= config.bin %> whoami -o name',
    '<%= config.bin %> whoami --json',
  ]

  protected override async execute(): Promise<View> {
    const { connect } = await import('../connection/client.ts')
    const { client, server, source, expiresAt } = await connect(this.flags)
    const account = await client.auth.me()
    const sessions = await client.sessions.list()
    const session = sessions.items.find(({ current }) => current)
    const token = {
      source: source.kind === 'file' ? source.path : source.kind,
      expires_at: await expiresAt(),
    }
    const { id, role, name, username, phone } = account
    const row = {
      id,
      role,
      name,
      username,
      phone,
      server,
      token_source: source.kind === 'file' ? `${source.path} (mode 0600)` : source.kind,
      token_expires_at: token.expires_at,
      session_expires_at: session?.expires_at ?? null,
    }
    return {
      data: { server, account, token, session_expires_at: row.session_expires_at },
      rows: [row],
      columns: Object.keys(row),
      isRecord: true,
      nameColumn: 'id',
    }
  }
}
