import { RemoteCommand } from '../base-command.ts'
import { boolean } from '@oclif/core/flags'
import { type Check, checkHost, checkOwnFiles } from '../doctor/checks.ts'
import { checkProxies } from '../doctor/proxies.ts'
import { checkServer } from '../doctor/server.ts'
import { paint, type Style } from '../output/color.ts'
import { asTyped } from '../command-name.ts'
import { EXIT } from '../exit-codes.ts'
import { printData, type View } from '../output/print.ts'
import { pointedServer } from '../connection/server.ts'
import { makeSafe } from '../output/text.ts'
import { surroundings } from '../surroundings.ts'

const STYLES: Readonly<Record<Check['status'], Style>> = { ok: 'green', warn: 'yellow', fail: 'red' }

const line = ({ name, status, detail, fix }: Check, width: number): string => {
  const { stdout } = surroundings()
  const mark = paint(stdout, STYLES[status], status.padEnd(4))
  const remedy =
    fix === undefined || status === 'ok'
      ? ''
      : `\n${' '.repeat(width + 8)}${paint(stdout, 'dim', `fix: ${makeSafe(fix)}`)}`
  return `${mark}  ${name.padEnd(width)}  ${makeSafe(detail)}${remedy}`
}

/** What works and what does not, each with its remedy. */
export default class Doctor extends RemoteCommand<typeof Doctor> {
  static override summary = 'Check this host and its daemon: ok, warn or fail, each with its remedy'
  static override description =
    'With --server, AUTHCTL_SERVER or a context it looks at that daemon from outside; otherwise at the configuration, the store, the files and the daemon of this host. What proxies say is shown to a signed-in super-admin. Exit code 1 if anything fails.'
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --server https://auth.example.com --json',
  ]

  static override flags = {
    host: boolean({
      summary: 'Look at this host, whatever daemon is named elsewhere',
      exclusive: ['server', 'context'],
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    const checks = (await this.look()).map((check) =>
      check.fix === undefined ? check : { ...check, fix: asTyped(check.fix) },
    )
    if (checks.some(({ status }) => status === 'fail')) surroundings().exitCode = EXIT.failure.code
    if (this.format === 'table' && surroundings().stdout.isTTY === true) {
      const width = Math.max(...checks.map(({ name }) => name.length))
      printData(checks.map((check) => line(check, width)).join('\n'))
      return undefined
    }
    return {
      data: { checks },
      rows: checks.map((check) => ({ ...check })),
      columns: ['name', 'status', 'detail', 'fix'],
    }
  }

  private async look(): Promise<Check[]> {
    const named = this.flags.host ? undefined : await pointedServer(this.flags)
    const host: Awaited<ReturnType<typeof checkHost>> =
      named === undefined ? await checkHost() : { checks: [], server: named.url }
    const isNamed = named !== undefined
    const url = host.server
    if (url === undefined) return [...host.checks, ...checkOwnFiles()]
    const timeoutMs = this.flags.timeout * 1000
    const remote = await checkServer({ url, ownVersion: this.config.version, timeoutMs, isNamed })
    const answers = remote.some(({ name, status }) => name === 'server' && status === 'ok')
    const proxies = answers
      ? [await checkProxies(named ?? { url, why: 'that of this host' }, this.flags)]
      : []
    return [...host.checks, ...remote, ...proxies, ...checkOwnFiles()]
  }
}
