import { dirname, resolve } from 'node:path'
import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../base-command.ts'
import { onStorage } from '../host/daemon.ts'
import { requireOwnFolder } from '../host/own-files.ts'
import { recordView, type View } from '../output/print.ts'
import { startProgress } from '../output/progress.ts'

const MEBIBYTE = 1024 * 1024

/** A copy of the embedded database. */
export default class Backup extends LocalCommand<typeof Backup> {
  static override summary = 'Copy the embedded database to a file, while daemons run'
  static override description =
    'Everything that was acknowledged before is in the copy. It is checked, has mode 0600, and appears whole or not at all. The copy is worth nothing without the secrets, which are not in it: keep AUTHCTL_SECRET, REFRESH_KEY_SECRET and JWT_SECRET, or the *.secret files of the data directory, in another safe place. MongoDB has tools of its own: see docs/mongodb.md.'
  static override examples = [
    '<%= config.bin %> backup /var/backups/authctl-2026-11-24.db',
    '<%= config.bin %> backup nightly.db --force --json',
  ]
  static override args = { file: string({ required: true, description: 'Where to write the copy' }) }
  static override flags = { force: boolean({ summary: 'Replace the file if it exists' }) }

  protected override async execute(): Promise<View> {
    const { file, force } = { ...this.args, ...this.flags }
    requireOwnFolder(dirname(resolve(file)))
    using progress = startProgress()
    const onProgress = (bytes: number): void => progress.show(`${(bytes / MEBIBYTE).toFixed(1)} MB copied`)
    const copy = await onStorage((storage, settings) => storage.backup(settings, file, { force, onProgress }))
    this.footnote = 'Keep the secrets too, elsewhere: without them nobody can use this copy, you neither.'
    return recordView(copy, { ...copy }, 'file')
  }
}
