import { LocalCommand } from '../../base-command.ts'
import { onHost } from '../../host/daemon.ts'
import { keyColumns, keyRow } from '../../host/keys.ts'
import type { View } from '../../output/print.ts'

/** The signing keys of this host's store. */
export default class KeysList extends LocalCommand<typeof KeysList> {
  static override summary = 'List the keys that sign access tokens, and the state of each'
  static override description =
    'On the host, through the store. next: published, not used yet; active: signs; retiring: what it has signed is accepted until it expires; retired: no longer published; revoked: what it has signed is refused.'
  static override examples = ['<%= config.bin %> keys list', '<%= config.bin %> keys list --json']

  protected override async execute(): Promise<View> {
    const rows = (await onHost((host) => host.keys.list())).map(keyRow)
    return { data: rows, rows, columns: keyColumns, empty: 'no keys' }
  }
}
