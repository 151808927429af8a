import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../base-command.ts'
import { onStorage } from '../host/daemon.ts'
import { recordView, type View } from '../output/print.ts'

/** A backup in the place of the embedded database. */
export default class Restore extends LocalCommand<typeof Restore> {
  static override summary = 'Put a backup in the place of the embedded database; no daemon may run'
  static override description =
    'The backup is checked first. The database that it replaces is kept beside it. Refused while any process has the database open. An older backup is migrated by the next start. The secrets must be those that the backup was made with.'
  static override examples = ['<%= config.bin %> restore /var/backups/authctl-2026-11-24.db']
  static override args = { file: string({ required: true, description: 'The backup' }) }
  static override flags = { yes: boolean({ char: 'y', summary: 'Confirm without being asked' }) }

  protected override async execute(): Promise<View> {
    const { file } = this.args
    const replaces = await onStorage((storage, settings) => storage.replacesDatabase(settings))
    if (replaces) await this.confirm(`Replace the present database by ${file}?`, this.flags.yes)
    const restored = await onStorage((storage, settings) => storage.restore(settings, file))
    if (restored.replaced !== null) this.footnote = `The former database is kept: ${restored.replaced}`
    this.nextCommand = 'authctl start'
    return recordView(restored, { ...restored }, 'database')
  }
}
