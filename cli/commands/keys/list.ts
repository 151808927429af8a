import { RemoteCommand } from '../../base-command.ts'
import { KEY_COLUMNS, KEY_FLAGS, keyRow, keysFor, WHERE } from '../../keys/command.ts'
import type { View } from '../../output/print.ts'

/** The signing keys of this host's store, or of a daemon. */
export default class KeysList extends RemoteCommand<typeof KeysList> {
  static override summary = 'List the keys that sign access tokens, and the state of each'
  static override description = `${WHERE} next: published, not used yet; active: signs; retiring: what it has signed is accepted until it expires; retired: no longer published; revoked: what it has signed is refused.`
  static override examples = [
    '<%= config.bin %> keys list',
    '<%= config.bin %> keys list --server https://auth.example.com --json',
  ]
  static override flags = KEY_FLAGS

  protected override async execute(): Promise<View> {
    const rows = (await (await keysFor(this.flags)).list()).map(keyRow)
    return { data: rows, rows, columns: KEY_COLUMNS, empty: 'no keys' }
  }
}
