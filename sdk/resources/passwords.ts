import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { ChangePassword, Detail } from '../types.gen.ts'

/** The operations of passwords. */
export const passwords = (sender: Sender) => ({
  /** Changes the caller's password; every other session ends. */
  change: (body: ChangePassword, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.passwordsChange, { body }, options),
})
