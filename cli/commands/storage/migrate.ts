import { option } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { onStorage } from '../../host/daemon.ts'
import type { View } from '../../output/print.ts'
import { startProgress } from '../../output/progress.ts'

/** From one machine to many. */
export default class StorageMigrate extends LocalCommand<typeof StorageMigrate> {
  static override summary = 'Move everything from the embedded database to MongoDB'
  static override description =
    'From the database in AUTHCTL_DATA_DIR to the empty one that MONGO_DB_URI names. No daemon may use either. Both sides are compared by counts and digests before the new one is opened to daemons; the old one is left as it is. A move that was interrupted goes on where it was when it is repeated. Nobody is signed out: the secrets stay the same.'
  static override examples = ['<%= config.bin %> storage migrate --from sqlite --to mongodb']
  static override flags = {
    from: option({ options: ['sqlite'] as const, required: true, summary: 'The store to move from' })(),
    to: option({ options: ['mongodb'] as const, required: true, summary: 'The store to move to' })(),
  }

  protected override async execute(): Promise<View> {
    using progress = startProgress()
    const moved = await onStorage((storage, settings) =>
      storage.migrateToMongo(settings, ({ stage, kind, count }) =>
        progress.show(`${stage === 'copy' ? 'copying' : 'comparing'} ${kind}: ${count}`),
      ),
    )
    this.footnote =
      'Both sides are equal. Start every daemon with this MONGO_DB_URI and the same secrets as before.'
    return { data: moved, rows: moved.map((kind) => ({ ...kind })), columns: ['kind', 'count', 'sha256'] }
  }
}
