import { RemoteCommand } from '../base-command.ts'
import { type Check, checkCredentials, checkHost, checkServer } from '../host/checks.ts'
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
    'Without --server and AUTHCTL_SERVER it looks at the configuration, the store and the daemon of this host; with one of them, at that daemon from outside. Exit code 1 if anything fails.'
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --server https://auth.example.com --json',
  ]

  protected override async execute(): Promise<View | undefined> {
    const named = (await pointedServer(this.flags))?.url
    const timeoutMs = this.flags.timeout * 1000
    const host = named === undefined ? await checkHost() : { checks: [], server: named }
    const remote =
      host.server === undefined
        ? []
        : await checkServer(host.server, this.config.version, timeoutMs, named !== undefined)
    const checks = [...host.checks, ...remote, ...checkCredentials()].map((check) =>
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
}
