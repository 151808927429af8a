import { ArgumentError } from './errors.ts'

/**
 * Requires that each of these options is left out, or is a number of at least so much: one that is no number
 * would switch off what it limits. Throws `ArgumentError`.
 */
export const requireAtLeast = (
  least: number,
  options: Readonly<Record<string, number | undefined>>,
): void => {
  for (const [name, value = least] of Object.entries(options))
    if (!(value >= least)) throw new ArgumentError(`${name} must be at least ${least}`)
}
