import { boolean, string } from '@oclif/core/flags'
import { join, resolve } from 'node:path'
import { LocalCommand } from '../../base-command.ts'
import { readConfig } from '../../host/daemon.ts'
import { toJson } from '../../output/json.ts'
import { followOutbox, type OutboxEntry, readOutbox, waitForLiveCode } from '../../host/outbox.ts'
import { printData, render, tell, type View } from '../../output/print.ts'
import { localProblem, usageProblem } from '../../problem.ts'
import { surroundings } from '../../surroundings.ts'

const WAIT_MS = 5000

const toView = (entries: readonly OutboxEntry[]): View => ({
  data: entries,
  rows: entries.map((entry) => ({ ...entry })),
  columns: ['at', 'number', 'code', 'purpose', 'expires_at'],
  nameColumn: 'code',
  empty: 'no codes',
})

/** Development: the one-time codes that went into the local outbox. */
export default class OtpTail extends LocalCommand<typeof OtpTail> {
  static override summary = 'Show one-time codes as they are sent (development)'
  static override description =
    'Reads the outbox in the data directory of this host: run it where the daemon runs, in the same folder. With --follow, JSON is one object a line.'
  static override examples = [
    '<%= config.bin %> otp tail',
    {
      description: 'The newest code of one number, for scripts',
      command: '<%= config.bin %> otp tail --once --number +919876543210 -o name',
    },
  ]
  static override flags = {
    number: string({ helpValue: 'NUMBER', summary: 'Only codes for this number' }),
    once: boolean({
      summary: 'Print the newest code that is still valid and end; waits up to 5 seconds for one',
      exclusive: ['follow'],
    }),
    follow: boolean({
      char: 'f',
      allowNo: true,
      summary: 'Go on with new codes until Ctrl-C; the default on a terminal',
    }),
  }

  protected override async execute(): Promise<View | undefined> {
    const { settings } = await readConfig()
    const path = join(resolve(settings.AUTHCTL_DATA_DIR), 'outbox.jsonl')
    const { number, once, follow } = this.flags
    if (number !== undefined && !/\d/.test(number)) throw usageProblem('--number has no digits')
    if (once) {
      const entry = await waitForLiveCode(path, number, WAIT_MS)
      if (entry !== undefined) return toView([entry])
      throw localProblem(
        'no_code',
        `no valid code in ${path}`,
        'Is the daemon running in this folder, in development mode?',
      )
    }
    const isFollowing = follow ?? surroundings().stdout.isTTY === true
    const { entries, size } = readOutbox(path, number)
    if (!isFollowing) return toView(entries)
    tell(`Following ${path}; Ctrl-C ends it.`)
    await this.print(entries, true)
    for await (const fresh of followOutbox(path, number, size)) await this.print(fresh, false)
    return undefined
  }

  private async print(entries: readonly OutboxEntry[], withHeader: boolean): Promise<void> {
    if (this.format === 'json') return entries.forEach((entry) => printData(toJson(entry, 0)))
    const { text } = await render(toView(entries), this.format)
    const isTable = this.format === 'table'
    printData(isTable && !withHeader ? text.split('\n').slice(1).join('\n') : text)
  }
}
