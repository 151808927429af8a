import { route } from '../route.ts'
import { DecidedDevice, DeviceDecision } from '../schemas/oauth.ts'

/** `POST /auth/devices/decision`. */
export const decideDevice = route({
  operationId: 'devices.decide',
  method: 'POST',
  path: '/auth/devices/decision',
  tag: 'OAuth',
  summary: 'Let a device in, or not, by its user code',
  description:
    'A device that is let in signs in as this account. Let in only what you have begun yourself: the device of somebody who sends you a code would be signed in as you. It takes a sign-in of the last five minutes. The page `/device` does the same.',
  auth: 'session',
  action: 'authctl:DecideDevice',
  resource: 'account/${caller.path}',
  body: DeviceDecision,
  responses: { 200: { description: 'Decided', schema: DecidedDevice } },
  errors: ['not_found', 'rate_limited'],
})
