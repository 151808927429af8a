import type { Parse } from './parse.ts'

/** One setting: how it is read, what it is by default, and what the reference says of it. */
export interface Setting<T> {
  readonly parse: Parse<T>
  /** Undefined: unset. Given as text, so that the reference shows it as a user would write it. */
  readonly fallback: string | undefined
  readonly unit?: string
  readonly meaning: string
  /** Never printed; also read from `NAME_FILE`. */
  readonly secret?: boolean
}

/** A setting with the type of its value, and whether it has a default. */
export const setting = <T, const F extends string | undefined = undefined>(
  definition: Omit<Setting<T>, 'fallback'> & { readonly fallback?: F },
) => definition as Setting<T> & { readonly fallback: F }
