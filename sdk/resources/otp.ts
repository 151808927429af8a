import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { OtpSent, SendOtp } from '../types.gen.ts'

/** The operations of one-time codes. */
export const otp = (sender: Sender) => ({
  /** Sends a one-time code to a phone. */
  send: (body: SendOtp, options?: CallOptions): Promise<OtpSent> =>
    sender.send(operations.otpSend, { body: { client_id: sender.clientId, ...body } }, options),
})
