import type { Account } from '@authctl/sdk'
import type { Connection } from './client.ts'
import { tell } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'

/** An account as people know it: `the client Namma Rides (cli_01j…)`. */
export const nameOf = ({ role, name, username, phone, id }: Account): string =>
  makeSafe(
    `the ${role === 'user' ? 'end user' : role} ${name ?? username ?? phone ?? ''}`.trimEnd() + ` (${id})`,
  )

/** Says on which server and as whom the next question is asked (CLI-C14); who that is. */
export const tellActor = async ({ client, server }: Connection): Promise<Account> => {
  const me = await client.auth.me()
  tell(`On ${server} as ${nameOf(me)}.`)
  return me
}

/** The namespace of an account: what it puts without naming another. Undefined for those that have none. */
export const namespaceOf = ({ role, id }: Pick<Account, 'role' | 'id'>): string | undefined => {
  if (role === 'super-admin') return 'root'
  return role === 'admin' || role === 'client' ? id : undefined
}
