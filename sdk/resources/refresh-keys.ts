import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Detail, NewRefreshKey } from '../types.gen.ts'

/** The operations of refresh keys. */
export const refreshKeys = (sender: Sender) => ({
  /** Sets the caller's refresh key; changing it needs `old_key`. */
  set: (body: NewRefreshKey, options?: CallOptions): Promise<Detail> =>
    sender.send(operations.refreshKeysSet, { body }, options),
})
