import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { JwkSet } from '../types.gen.ts'

/** The operations of the public keys. */
export const keys = (sender: Sender) => ({
  /** The public keys that verify access tokens. */
  jwks: (options?: CallOptions): Promise<JwkSet> => sender.send(operations.keysJwks, {}, options),
})
