import { isCommonPassword, looksOf } from './common-passwords.ts'
import { Failure } from './failure.ts'

/** In characters, as people count them: code points. */
export const MIN_PASSWORD_CHARACTERS = 15
/** In bytes of UTF-8: what hashing takes at most. */
export const MAX_PASSWORD_BYTES = 1024
/** So many letters and digits have to remain of a password without the words that anybody would try first. */
const MIN_OWN_CHARACTERS = 8
/** Shorter words are in too many passwords by chance. */
const MIN_WORD_CHARACTERS = 3
const SERVICE_NAME = 'authctl'

/** The form in which a password is hashed: NFC (RFC 8265 OpaqueString), nothing else is touched. */
export const passwordForm = (password: string): string => password.normalize('NFC')

/**
 * Whether a presented password could match any stored one; checked before hashing so that long ones cost
 * nothing.
 */
export const isHashable = (password: string): boolean =>
  Buffer.byteLength(password, 'utf8') <= MAX_PASSWORD_BYTES

/** Whose password it is to be: what anybody who knows the owner and the service would try first. */
export interface PasswordContext {
  readonly username?: string | null | undefined
  readonly name?: string | null | undefined
  readonly phone?: string | null | undefined
  readonly email?: string | null | undefined
  /** Names of the service beside its own, such as the one in its address. */
  readonly serviceNames: readonly string[]
}

/** What a text looks like; a 1 may stand for an l or for an i. */
const lettersAndDigits = (text: string): string => looksOf(text).replaceAll('i', 'l')

/** The words of a context, longest first, each as a whole, in its parts, and backwards. */
const wordsOf = ({ username, name, phone, email, serviceNames }: PasswordContext): string[] => {
  const texts = [username, name, phone, email, SERVICE_NAME, ...serviceNames].filter(
    (text): text is string => typeof text === 'string',
  )
  const parts = texts.flatMap((text) => [text, ...text.split(/[^\p{L}\p{M}\p{N}]+/u)])
  // A phone is known without its country too.
  const national = (phone ?? '').replace(/\D/g, '').slice(-10)
  const words = [...parts, national].map(lettersAndDigits)
  const backwards = words.map((word) => [...word].toReversed().join(''))
  return [...new Set([...words, ...backwards])]
    .filter((word) => [...word].length >= MIN_WORD_CHARACTERS)
    .sort((a, b) => b.length - a.length)
}

/** Whether a password has words of its context and not enough beside them. */
const isMadeOf = (password: string, context: PasswordContext): boolean => {
  const all = lettersAndDigits(password)
  let left = all
  for (const word of wordsOf(context)) left = left.replaceAll(word, ' ')
  return left !== all && [...left.replaceAll(' ', '')].length < MIN_OWN_CHARACTERS
}

/**
 * Refuses a new password that is shorter than 15 characters (SP 800-63B-4, single factor) or longer than 1024
 * bytes, a common one, and one that is hardly more than names of its owner or of the service (B6). What was
 * sent is not repeated.
 */
export const requireAcceptablePassword = (
  password: string,
  { pointer, context }: { readonly pointer: string; readonly context: PasswordContext },
): string => {
  const form = passwordForm(password)
  const refuse = (detail: string) => {
    throw new Failure('password_unacceptable', { errors: [{ pointer, code: 'password', detail }] })
  }
  if (!isHashable(form)) refuse(`The password has more than ${MAX_PASSWORD_BYTES} bytes.`)
  if ([...form].length < MIN_PASSWORD_CHARACTERS)
    refuse(`The password needs at least ${MIN_PASSWORD_CHARACTERS} characters.`)
  if (isCommonPassword(form))
    refuse('The password is one of those that are tried first: choose one that nobody else has.')
  if (isMadeOf(form, context))
    refuse(
      `The password is little more than names of its owner or of the service: add at least ${MIN_OWN_CHARACTERS} other letters or digits.`,
    )
  return form
}
