import { string } from '@oclif/core/args'
import { RemoteCommand } from '../../base-command.ts'
import { recordView, type View } from '../../output/print.ts'

/** The refusal of a device that asks to be signed in. */
export default class DevicesDeny extends RemoteCommand<typeof DevicesDeny> {
  static override summary = 'Refuse a device by the code that it shows'
  static override description = 'What it was handed is worth nothing from then on.'
  static override examples = ['<%= config.bin %> devices deny WDJB-MJHT']
  static override args = {
    code: string({ required: true, description: 'The code that the device shows, such as WDJB-MJHT' }),
  }

  protected override async execute(): Promise<View> {
    const { connect } = await import('../../connection/client.ts')
    const { client } = await connect(this.flags)
    const decided = await client.devices.decide({ user_code: this.args.code, decision: 'deny' })
    const { client_id, ip, user_agent, created_at } = decided
    return recordView({ decision: 'deny', client_id, ip, user_agent, created_at })
  }
}
