import { identityView } from '../accounts/identity.ts'
import { RemoteCommand } from '../base-command.ts'
import type { View } from '../output/print.ts'

/** Who the token belongs to. */
export default class Whoami extends RemoteCommand<typeof Whoami> {
  static override summary =
    'Show who you are, where, until when, where the token came from and how it is stored'
  static override description = 'Exit code 4 where the token is missing, refused or expired.'
  static override examples = [
    '<%= config.bin %> whoami',
    '<%= config.bin %> whoami -o name',
    '<%= config.bin %> whoami --json',
  ]

  protected override async execute(): Promise<View> {
    return await identityView(this.flags)
  }
}
