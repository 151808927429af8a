export { createClient, type AuthctlClient } from './client.ts'
export type { ClientOptions } from './core-client.ts'
export {
  AbortError,
  ApiError,
  ArgumentError,
  AuthctlError,
  isAuthctlError,
  NetworkError,
  NotSignedInError,
  TimeoutError,
} from './errors.ts'
export type { Page } from './page.ts'
export { UnsupportedPlatformError } from './platform.ts'
export { safe, type Outcome } from './safe.ts'
export { longestCallMs } from './longest-call.ts'
export type { Middleware, OutgoingRequest, Send } from './middleware.ts'
export type { SessionControl } from './session-keeper.ts'
export { memoryStorage, webStorage, type Session, type SessionStorage } from './storage.ts'
export type { CallOptions } from './transport.ts'
export type * from './types.gen.ts'
