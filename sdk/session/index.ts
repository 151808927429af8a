export type { AuthEvent, AuthListener, AuthState } from './auth-state.ts'
export { cookieStorage, type CookieJar, type CookieOptions } from './cookie-storage.ts'
export { createSession, type BrowserSession, type SessionOptions } from './session.ts'
export { memoryStorage, webStorage, type Session, type SessionStorage } from '../storage.ts'
