import { boolean } from '@oclif/core/flags'
import { LocalCommand } from '../../base-command.ts'
import { onHost } from '../../host/daemon.ts'
import { keyRow } from '../../host/keys.ts'
import { recordView, type View } from '../../output/print.ts'

/** The next signing key. */
export default class KeysRotate extends LocalCommand<typeof KeysRotate> {
  static override summary = 'Add the next key that signs access tokens; nobody is signed out'
  static override description =
    'On the host, through the store; daemons that run take it up within a second. It is published at once and signs ten minutes later, when everybody who keeps the published keys has seen it. What the old key has signed is accepted until it expires. Repeating it while a key waits adds no other.'
  static override examples = ['<%= config.bin %> keys rotate', '<%= config.bin %> keys rotate --now']
  static override flags = {
    now: boolean({
      summary: 'Sign with it in two seconds; others than authctl may refuse its tokens for five minutes',
    }),
  }

  protected override async execute(): Promise<View> {
    const key = await onHost((host) => host.keys.rotate(this.flags.now ? 'soon' : 'published'))
    return recordView(keyRow(key))
  }
}
