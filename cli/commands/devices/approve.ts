import { decideDevice, deviceArg } from '../../accounts/devices.ts'
import { tellActor } from '../../connection/acting.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** The approval of a device that asks to be signed in. */
export default class DevicesApprove extends RemoteCommand<typeof DevicesApprove> {
  static override summary = 'Let a device in by the code that it shows: it signs in as you'
  static override description =
    'It takes a sign-in of the last five minutes. Let in only what you have begun yourself: the device of somebody who sends you a code would be signed in as you.'
  static override examples = ['<%= config.bin %> devices approve WDJB-MJHT --yes']
  static override args = deviceArg

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    await this.confirm(async () => {
      const { name } = await tellActor(await connect(this.flags))
      return `Sign that device in as ${name}?`
    }, this.flags.yes)
    const { client } = await connect(this.flags)
    return await decideDevice(client, this.args.code, 'approve')
  }
}
