import { createRandomId } from '../identity.ts'
import type { SchemaFault } from './schema.ts'

/** Words of a code, as a title: the daemon's own words are in its catalogue. */
const titleOf = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ')

/** An error as the daemon answers it (RFC 9457). */
export const problemOf = (
  status: number,
  code: string,
  { detail, errors }: { readonly detail?: string | undefined; readonly errors?: readonly SchemaFault[] } = {},
): object => ({
  type: `urn:authctl:problem:${code}`,
  title: titleOf(code),
  status,
  detail: detail ?? `${titleOf(code)}.`,
  instance: createRandomId(),
  code,
  ...(errors === undefined ? {} : { errors: errors.map((error) => ({ ...error, code: 'invalid' })) }),
})
