import { integer, string } from '@oclif/core/flags'
import { LocalCommand } from '../base-command.ts'
import { runDaemon } from '../host/daemon.ts'

/** Runs the daemon in the foreground. */
export default class Start extends LocalCommand<typeof Start> {
  static override summary = 'Run the daemon in the foreground'
  static override description =
    'Settings come from these flags, the environment, .env and the file that AUTHCTL_CONFIG names, in this order. See: authctl config print'
  static override examples = [
    '<%= config.bin %> start',
    '<%= config.bin %> start --port 9000 --data-dir /var/lib/authctl',
  ]
  static override flags = {
    port: integer({ min: 0, max: 65_535, summary: 'Port to listen on; 0 takes a free one (PORT, 8000)' }),
    host: string({ summary: 'Address to listen on (HOST, 127.0.0.1)' }),
    'data-dir': string({
      helpValue: 'DIR',
      summary: 'Directory of the database and secrets (AUTHCTL_DATA_DIR, ./data)',
    }),
  }

  protected override readonly handlesInterrupt = true

  protected override async execute(): Promise<undefined> {
    const { port, host, 'data-dir': dataDir } = this.flags
    await runDaemon({
      ...(port === undefined ? {} : { PORT: String(port) }),
      ...(host === undefined ? {} : { HOST: host }),
      ...(dataDir === undefined ? {} : { AUTHCTL_DATA_DIR: dataDir }),
    })
  }
}
