import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { DecidedDevice, DeviceDecision } from '../types.gen.ts'

/** The operations of devices that ask to be signed in. */
export const devices = (sender: Sender) => ({
  /** Lets a device in, which then signs in as this account, or not. */
  decide: (body: DeviceDecision, options?: CallOptions): Promise<DecidedDevice> =>
    sender.send(operations.devicesDecide, { body }, options),
})
