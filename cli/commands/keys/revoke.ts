import { string } from '@oclif/core/args'
import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { onHost } from '../../host/daemon.ts'
import { keyRow } from '../../host/keys.ts'
import { recordView, type View } from '../../output/print.ts'

/** The end of a signing key. */
export default class KeysRevoke extends LocalCommand<typeof KeysRevoke> {
  static override summary = 'Revoke a key that signs access tokens: what it has signed is refused'
  static override description =
    'For a key that somebody else may have. On the host, through the store; daemons that run refuse its tokens within seconds. If it is the one that signs, another takes over at once. Sessions go on: clients get a new access token with their refresh token.'
  static override examples = ['<%= config.bin %> keys revoke KID --yes']
  static override args = { kid: string({ required: true, description: 'The id of the key, from keys list' }) }
  static override flags = { yes: boolean({ char: 'y', summary: 'Confirm without being asked' }) }

  protected override async execute(): Promise<View> {
    await this.confirm(`Refuse every access token that ${this.args.kid} has signed?`, this.flags.yes)
    const key = await onHost((host) => host.keys.revoke(this.args.kid))
    return recordView(keyRow(key))
  }
}
