import type { Account } from '@authctl/sdk'
import type { Connection, TokenSource } from './client.ts'
import { tell } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'
import { surroundings, type Surroundings } from '../surroundings.ts'
import type { Server } from './server.ts'
import { claimsOf } from './token.ts'

const roleNoun = (role: string): string => (role === 'user' ? 'end user' : role)

/** An account as people know it: `the client Namma Rides (cli_01j…)`. */
export const nameOf = ({ role, name, username, phone, id }: Account): string =>
  makeSafe(`the ${roleNoun(role)} ${name ?? username ?? phone ?? ''}`.trimEnd() + ` (${id})`)

/** Who acts, by what is known here without asking the server. */
export const actorOf = (source: TokenSource): string => {
  if (source.kind === 'file') {
    const { role, login, account_id: id } = source.signedIn
    return makeSafe(`the ${roleNoun(role)} ${login} (${id})`)
  }
  const { role, subject } = 'token' in source ? claimsOf(source.token) : claimsOf('')
  return role === null || subject === null
    ? `the holder of ${source.kind}`
    : makeSafe(`the ${roleNoun(role)} ${subject} (by ${source.kind})`)
}

/** The command lines that have said it: each does once. */
const told = new WeakSet<Surroundings>()

/** Says in which context, on which server and as whom something is done (CLI-C14), unless it was said. */
export const tellWhere = ({ url, context }: Server, actor: string): void => {
  const here = surroundings()
  if (told.has(here)) return
  told.add(here)
  const where =
    context === undefined ? url : `${context.name}${context.protected ? ', protected' : ''} (${url})`
  tell(`On ${where} as ${actor}.`)
}

/** Says where and as whom something is about to be done, without asking the server. */
export const tellPassage = ({ server, source }: Pick<Connection, 'server' | 'source'>): void =>
  tellWhere(server, actorOf(source))

/** Says where and as whom the next question is asked; who that is. */
export const tellActor = async ({ client, server }: Connection): Promise<Account> => {
  const me = await client.auth.me()
  tellWhere(server, nameOf(me))
  return me
}

/** The namespace of an account: what it puts without naming another. Undefined for those that have none. */
export const namespaceOf = ({ role, id }: Pick<Account, 'role' | 'id'>): string | undefined => {
  if (role === 'super-admin') return 'root'
  return role === 'admin' || role === 'client' ? id : undefined
}
