import { Failure } from './failure.ts'

/** The shortest password, in characters (B3). */
export const MIN_PASSWORD_CHARACTERS = 15
/** The longest password, in bytes of UTF-8 (B3). */
export const MAX_PASSWORD_BYTES = 1024

/** The form in which a password is hashed: NFC (RFC 8265 OpaqueString), nothing else is touched. */
export const passwordForm = (password: string): string => password.normalize('NFC')

/**
 * Whether a presented password could match any stored one; checked before hashing so that long ones cost
 * nothing.
 */
export const isHashable = (password: string): boolean =>
  Buffer.byteLength(password, 'utf8') <= MAX_PASSWORD_BYTES

/**
 * Refuses a new password that is shorter than 15 characters (SP 800-63B-4, single factor) or longer than 1024
 * bytes.
 */
export const requireAcceptablePassword = (password: string, pointer: string): string => {
  const form = passwordForm(password)
  const refuse = (detail: string) => {
    throw new Failure('password_unacceptable', { detail, errors: [{ pointer, code: 'password', detail }] })
  }
  if (!isHashable(form)) refuse(`The password has more than ${MAX_PASSWORD_BYTES} bytes.`)
  if ([...form].length < MIN_PASSWORD_CHARACTERS)
    refuse(`The password needs at least ${MIN_PASSWORD_CHARACTERS} characters.`)
  return form
}
