import { isAuthctlError, type AuthctlError } from './errors.ts'

/** Either the data of a call, or the error that it ended with. */
export type Outcome<T> =
  { readonly data: T; readonly error: undefined } | { readonly data: undefined; readonly error: AuthctlError }

/**
 * The outcome of a call as a value: `const { data, error } = await safe(authctl.auth.me())`. What is not the
 * SDK's own error is thrown.
 */
export const safe = async <T>(call: Promise<T>): Promise<Outcome<T>> => {
  try {
    return { data: await call, error: undefined }
  } catch (error) {
    if (isAuthctlError(error)) return { data: undefined, error }
    throw error
  }
}
