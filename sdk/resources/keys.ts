import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { JwkSet, KeyRotation, SigningKey, SigningKeyList } from '../types.gen.ts'

/** The operations of the keys that sign access tokens. */
export const keys = (sender: Sender) => ({
  /** The public keys that verify access tokens. */
  jwks: (options?: CallOptions): Promise<JwkSet> => sender.send(operations.keysJwks, {}, options),
  /** Every key, oldest first. */
  list: (options?: CallOptions): Promise<SigningKeyList> => sender.send(operations.keysList, {}, options),
  /** Adds the next key. */
  rotate: (body: KeyRotation = {}, options?: CallOptions): Promise<SigningKey> =>
    sender.send(operations.keysRotate, { body }, options),
  /** Ends every access token that a key has signed. */
  revoke: (kid: string, options?: CallOptions): Promise<SigningKey> =>
    sender.send(operations.keysRevoke, { params: { kid } }, options),
})
