import type { AuthctlClient } from '@authctl/sdk'
import { string } from '@oclif/core/args'
import { namedDevice, orNotFound } from '../errors/not-found.ts'
import { recordView, type View } from '../output/print.ts'

/** The argument that names a device that waits. */
export const deviceArg = {
  code: string({ required: true, description: 'The code that the device shows, such as WDJB-MJHT' }),
}

/** Decides about a device that waits, and shows what it was. */
export const decideDevice = async (
  client: AuthctlClient,
  user_code: string,
  decision: 'approve' | 'deny',
): Promise<View> => {
  const deciding = client.devices.decide({ user_code, decision })
  const { client_id, ip, user_agent, created_at } = await orNotFound(deciding, namedDevice(user_code))
  return recordView({ decision, client_id, ip, user_agent, created_at })
}
