import { AuthctlError } from './errors.ts'

/** This platform lacks a global that the SDK cannot do without; the message names it. */
export class UnsupportedPlatformError extends AuthctlError {}

/** Throws `UnsupportedPlatformError` before anything else can fail with a name that says nothing. */
export const requirePlatform = (given: unknown): void => {
  for (const name of ['AbortController', 'Headers', 'fetch'])
    if (!(name in globalThis || (given && name === 'fetch')))
      throw new UnsupportedPlatformError('unsupported_platform', `this platform has no ${name}`)
}
