import { identityView } from '../../accounts/identity.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** The same as whoami, under the name that other command lines have for it. */
export default class AuthStatus extends RemoteCommand<typeof AuthStatus> {
  static override summary = 'The same as whoami'
  static override examples = [
    '<%= config.bin %> auth status',
    {
      description: 'In a script',
      command: '<%= config.bin %> auth status -o name --context production || exit 4',
    },
  ]

  protected override async execute(): Promise<View> {
    return await identityView(this.flags)
  }
}
