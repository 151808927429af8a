import { boolean, integer } from '@oclif/core/flags'
import { applicationArg, KEPT_NOTE, EXPIRES, keyLife, withKeyView } from '../../applications/command.ts'
import { RemoteCommand } from '../../base-command.ts'
import { namedApplication, orNotFound } from '../../errors/not-found.ts'
import type { View } from '../../output/print.ts'

const MINUTE_SECONDS = 60

/** The next key of an application. */
export default class ApplicationsRotate extends RemoteCommand<typeof ApplicationsRotate> {
  static override summary = 'Give an application a new service key, and show it once'
  static override description =
    'The key before works for another day, or as long as --overlap says, so that every copy of the application can be given the new one. For a key that somebody else may have: --at-once, which ends its tokens too.'
  static override examples = [
    '<%= config.bin %> applications rotate app_01j…',
    '<%= config.bin %> applications rotate app_01j… --at-once --yes',
  ]
  static override args = applicationArg
  static override flags = {
    overlap: integer({
      min: 1,
      max: 30 * 24 * 60,
      helpValue: 'MINUTES',
      default: 24 * 60,
      summary: 'How long the key before goes on',
    }),
    'at-once': boolean({ summary: 'End the keys before, and their tokens, now; asks first' }),
    ...EXPIRES,
  }

  protected override async execute(): Promise<View> {
    const { id } = this.args
    const { overlap, yes } = this.flags
    const isAtOnce = this.flags['at-once']
    if (isAtOnce) await this.confirm(`End every key and token of ${id} now?`, yes)
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const rotated = await orNotFound(
      client.applications.rotate(id, {
        overlap_seconds: isAtOnce ? 0 : overlap * MINUTE_SECONDS,
        ...keyLife(this.flags['expires-days']),
      }),
      namedApplication(id),
    )
    this.footnote = KEPT_NOTE
    return withKeyView(rotated)
  }
}
