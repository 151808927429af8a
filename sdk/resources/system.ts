import * as operations from '../operations.gen.ts'
import type { Sender } from '../sender.ts'
import type { CallOptions } from '../transport.ts'
import type { Echo, Health, Info, Readiness } from '../types.gen.ts'

/** The operations of the daemon itself. */
export const system = (sender: Sender) => ({
  /** Name, version and links of the daemon. */
  info: (options?: CallOptions): Promise<Info> => sender.send(operations.systemInfo, {}, options),
  /** What it sees of this request behind proxies; for super-admins. */
  echo: (options?: CallOptions): Promise<Echo> => sender.send(operations.systemEcho, {}, options),
  /** Whether its process is alive. */
  health: (options?: CallOptions): Promise<Health> => sender.send(operations.systemHealth, {}, options),
  /** Whether it can serve; throws `ApiError` with status 503 when it cannot. */
  ready: (options?: CallOptions): Promise<Readiness> => sender.send(operations.systemReady, {}, options),
})
