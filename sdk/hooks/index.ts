export { debug, type DebugOptions } from './debug.ts'
export {
  hooks,
  type AttemptInfo,
  type ErrorInfo,
  type Hooks,
  type ResponseInfo,
  type RetryInfo,
  type TokenRefreshInfo,
} from './hooks.ts'
