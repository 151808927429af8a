import { createRandomId } from '../identity.ts'
import { contract } from './contract.gen.ts'
import type { OperationContract } from './contract.ts'
import type { SchemaFault } from './schema.ts'

/** Words of a code, as a title: the daemon's own words are in its catalogue. */
const titleOf = (code: string): string => code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ')

/** What an error says beside its code. */
export interface Said {
  readonly detail?: string | undefined
  readonly errors?: readonly SchemaFault[] | undefined
}

/** An error as the daemon answers it where no route says how (RFC 9457). */
export const problemOf = (status: number, code: string, { detail, errors }: Said = {}): object => ({
  type: `urn:authctl:problem:${code}`,
  title: titleOf(code),
  status,
  detail: detail ?? `${titleOf(code)}.`,
  instance: createRandomId(),
  code,
  ...(errors === undefined ? {} : { errors: errors.map((error) => ({ ...error, code: 'invalid' })) }),
})

/** An error of an operation, in its words: those below `/oauth` are of OAuth (RFC 6749 section 5.2). */
export const errorOf = (
  { auth }: OperationContract,
  status: number,
  code: string,
  said: Said = {},
): object =>
  auth === 'client'
    ? {
        error: contract.registered[code] ?? (status === 405 ? 'invalid_request' : code),
        error_description: said.detail ?? `${titleOf(code)}.`,
      }
    : problemOf(status, code, said)

const ENDED: ReadonlySet<string> = new Set(['invalid_token', 'invalid_grant'])

/** How to say who one is, where an operation answers 401 (RFC 6750 section 3, RFC 6749 section 5.2). */
export const challengeOf = (
  { auth }: OperationContract,
  status: number,
  code: string,
): Readonly<Record<string, string>> => {
  if (status !== 401) return {}
  const bearer = ENDED.has(code) ? 'Bearer error="invalid_token"' : 'Bearer'
  const isOfClient = auth === 'client' && !ENDED.has(code)
  return { 'www-authenticate': isOfClient ? 'Basic realm="authctl", charset="UTF-8"' : bearer }
}
