import type { Context, PrincipalFacts } from '../../policies/index.ts'
import type { Account } from './account.ts'

type Subject = Pick<Account, 'id' | 'role' | 'path' | 'attributes'>

const factsOf = <P extends 'principal' | 'caller'>(
  prefix: P,
  { id, role, path, attributes }: Subject,
): Record<`${P}.${string}`, string | number | boolean> => {
  const facts: Record<string, string | number | boolean> = {
    [`${prefix}.id`]: id,
    [`${prefix}.role`]: role,
    [`${prefix}.path`]: path,
  }
  for (const [name, value] of Object.entries(attributes)) facts[`${prefix}.attributes.${name}`] = value
  return facts
}

/** What the policies of an account's layer know of it. */
export const principalFacts = (account: Subject): PrincipalFacts => factsOf('principal', account)

/** `request.*` of a request from somewhere, now. */
export const circumstancesOf = ({ ip, now }: { ip: string | null; now: number }): Context => ({
  ...(ip === null ? {} : { 'request.ip': ip }),
  'request.time': Math.floor(now / 1000),
})

/** The context of a request to the daemon itself. */
export const requestContext = (caller: Subject, moment: { ip: string | null; now: number }): Context => ({
  ...factsOf('caller', caller),
  ...circumstancesOf(moment),
})
