export { createClient, type AuthctlClient, type ClientOptions } from './client.ts'
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
export {
  memoryStorage,
  webStorage,
  type Session,
  type SessionControl,
  type SessionStorage,
} from './session.ts'
export type { CallOptions, ResponseInfo } from './transport.ts'
export type * from './types.gen.ts'
