import type { Routes } from '../../contract/routes.ts'
import { createDevices, type DeviceDeps } from '../../usecases/oauth/devices.ts'
import type { Handlers } from '../reply.ts'

/** The handlers of devices that ask to be signed in. */
export const createDeviceHandlers = (deps: DeviceDeps) => {
  const devices = createDevices(deps)

  return {
    'devices.decide': async ({ caller, body, origin }) => {
      const { decision, user_code: userCode } = body
      const waiting = await devices.find(userCode, origin)
      await devices.decide({ waiting, decision, caller, origin })
      const { applicationId, ip, userAgent, createdAt } = waiting.device
      return {
        status: 200,
        body: {
          detail: decision === 'approve' ? 'The device is let in' : 'The device is not let in',
          client_id: applicationId,
          ip,
          user_agent: userAgent,
          created_at: new Date(createdAt).toISOString(),
        },
      }
    },
  } satisfies Partial<Handlers<Routes>>
}
