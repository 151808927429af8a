export { createClient, type AuthctlClient, type ClientOptions } from './client.ts'
export {
  AbortError,
  ApiError,
  AuthctlError,
  isAuthctlError,
  NetworkError,
  NotSignedInError,
  TimeoutError,
} from './errors.ts'
export type { Page } from './page.ts'
export {
  memoryStorage,
  webStorage,
  type Session,
  type SessionControl,
  type SessionStorage,
} from './session.ts'
export type { CallOptions } from './transport.ts'
export type * from './types.gen.ts'
