import { string } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import { KEY_FLAGS, keyRow, keysFor, WHERE } from '../../keys/command.ts'
import { recordView, type View } from '../../output/print.ts'

/** The end of a signing key. */
export default class KeysRevoke extends RemoteCommand<typeof KeysRevoke> {
  static override summary = 'Revoke a key that signs access tokens: what it has signed is refused'
  static override description = `For a key that somebody else may have. ${WHERE} When the command ends, every daemon refuses its tokens. If it is the one that signs, another takes over at once. Sessions go on: clients get a new access token with their refresh token.`
  static override examples = [
    '<%= config.bin %> keys revoke KID --yes',
    '<%= config.bin %> keys revoke KID --server https://auth.example.com',
  ]
  static override args = {
    kid: string({ required: true, description: 'The id of the key, from keys list' }),
  }
  static override flags = KEY_FLAGS

  protected override async execute(): Promise<View> {
    const { kid } = this.args
    await this.confirm(`Refuse every access token that ${kid} has signed?`, this.flags.yes)
    return recordView(keyRow(await (await keysFor(this.flags)).revoke(kid)), undefined, 'kid')
  }
}
