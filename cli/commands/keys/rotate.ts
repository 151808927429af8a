import { boolean } from '@oclif/core/flags'
import { RemoteCommand } from '../../base-command.ts'
import { KEY_FLAGS, keyRow, keysFor, WHERE } from '../../keys/command.ts'
import { recordView, type View } from '../../output/print.ts'

/** The next signing key. */
export default class KeysRotate extends RemoteCommand<typeof KeysRotate> {
  static override summary = 'Add the next key that signs access tokens; nobody is signed out'
  static override description = `${WHERE} It is published at once and signs ten minutes later, when everybody who keeps the published keys has seen it. What the old key has signed is accepted until it expires. Repeating it while a key waits adds no other.`
  static override examples = [
    '<%= config.bin %> keys rotate',
    '<%= config.bin %> keys rotate --now --server https://auth.example.com',
  ]
  static override flags = {
    now: boolean({
      summary: 'Sign with it in two seconds; others than authctl may refuse its tokens for five minutes',
    }),
    ...KEY_FLAGS,
  }

  protected override async execute(): Promise<View> {
    const keys = await keysFor(this.flags)
    return recordView(keyRow(await keys.rotate(this.flags.now)), undefined, 'kid')
  }
}
