import { RemoteCommand } from '../base-command.ts'
import { recordView, type View } from '../output/print.ts'
import { probeReadiness } from '../doctor/probe.ts'
import { localProblem } from '../problem.ts'
import { localServer, namedServer } from '../connection/server.ts'

/** For the HEALTHCHECK of a container: needs no credentials and no curl. */
export default class Healthcheck extends RemoteCommand<typeof Healthcheck> {
  static override summary = 'Whether a daemon can serve: exit code 0 ready, 1 not ready, 69 unreachable'
  static override description =
    'Without --server and AUTHCTL_SERVER it asks the daemon of this folder: HOST and PORT of the environment or .env (default 127.0.0.1 and 8000). Needs no credentials.'
  static override examples = [
    '<%= config.bin %> healthcheck',
    '<%= config.bin %> healthcheck --server https://auth.example.com --timeout 3',
  ]

  protected override async execute(): Promise<View> {
    const { url: server } = namedServer(this.flags) ?? (await localServer())
    const { isReady, failed } = await probeReadiness(server, this.flags.timeout * 1000)
    if (isReady) return recordView({ server, status: 'ready' }, undefined, 'status')
    const which = failed.length === 0 ? '' : `: ${failed.join(', ')}`
    throw localProblem('not_ready', `the daemon at ${server} is not ready${which}`, 'See: authctl doctor')
  }
}
