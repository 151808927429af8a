import { Failure } from './failure.ts'
import type { UsernameKey } from './account.ts'

/** Letters with their marks, digits, and what may stand between them. */
const ALLOWED = /^(?:\p{L}\p{M}*|\p{Nd})(?:\p{L}\p{M}*|[\p{Nd}._@+-])*$/u
/** More marks than any language puts on a letter, and one that covers itself (UTS 39 section 5.4). */
const PILED = /(\p{Mn})\1|\p{Mn}{5}/u
const IGNORABLE = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{Cf}]/u
const SCRIPTS = [
  'Latin', 'Cyrillic', 'Greek', 'Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya',
  'Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Khmer', 'Ethiopic', 'Hangul',
] // prettier-ignore
const SCRIPT_TESTS = SCRIPTS.map(
  (script) => new RegExp(`^[\\p{Script=${script}}\\p{Script=Common}\\p{Script=Inherited}]*$`, 'u'),
)
const JAPANESE_OR_CHINESE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\p{Script=Inherited}]*$/u

const isSingleScript = (text: string): boolean =>
  SCRIPT_TESTS.some((test) => test.test(text)) || JAPANESE_OR_CHINESE.test(text)

const fold = (text: string): string => text.normalize('NFKC').toLowerCase().toUpperCase().toLowerCase()

/**
 * The form in which usernames are compared: NFKC and case folding repeated until nothing changes, so that
 * f(f(x)) = f(x) for every string (the Spotify account takeover of 2013 came from an f that was not
 * idempotent).
 */
export const usernameKey = (username: string): UsernameKey => {
  let key = username
  for (let round = 0; round < 8; round++) {
    const next = fold(key)
    if (next === key) break
    key = next
  }
  return key as UsernameKey
}

const refuse = (detail: string): never => {
  throw new Failure('invalid_request', { errors: [{ pointer: '/username', code: 'username', detail }] })
}

/**
 * A username as it is stored and the key it is compared by. Refuses invisible and bidirectional characters,
 * mixed scripts (UTS 39), and anything but letters, marks, digits and `. _ @ + -`.
 */
export const canonicalUsername = (username: string): { username: string; usernameKey: UsernameKey } => {
  if (IGNORABLE.test(username)) refuse('The username contains invisible or control characters.')
  const key = usernameKey(username)
  if (!ALLOWED.test(key))
    refuse('The username may hold letters, digits and . _ @ + - and starts with a letter or digit.')
  if (PILED.test(key.normalize('NFD'))) refuse('The username has too many marks on one letter.')
  if (!isSingleScript(key)) refuse('The username mixes writing systems.')
  if (key.length < 3 || key.length > 64) refuse('The username has 3 to 64 characters.')
  return { username: username.normalize('NFC'), usernameKey: key }
}
