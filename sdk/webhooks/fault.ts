import { AuthctlError } from '../errors.ts'

/**
 * What is wrong with a delivery: headers are missing or malformed, its time is too far from now, no secret
 * signs it so, or it is signed and says something that this version does not know.
 */
export type WebhookFault = 'headers' | 'timestamp' | 'signature' | 'event'

/** A delivery that must not be acted on: answer 400. It repeats nothing of the body. */
export class WebhookError extends AuthctlError {
  declare readonly fault: WebhookFault
  constructor(fault: WebhookFault, message: string) {
    super('webhook_invalid', message)
    this.fault = fault
  }
}
