import { decideDevice, deviceArg } from '../../accounts/devices.ts'
import { RemoteCommand } from '../../base-command.ts'
import type { View } from '../../output/print.ts'

/** The refusal of a device that asks to be signed in. */
export default class DevicesDeny extends RemoteCommand<typeof DevicesDeny> {
  static override summary = 'Refuse a device by the code that it shows'
  static override description = 'What it was handed is worth nothing from then on.'
  static override examples = ['<%= config.bin %> devices deny WDJB-MJHT']
  static override args = deviceArg

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    return await decideDevice(client, this.args.code, 'deny')
  }
}
