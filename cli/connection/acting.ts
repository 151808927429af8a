import type { Account, AuthctlClient } from '@authctl/sdk'
import type { Connection, TokenSource } from './client.ts'
import { whereAllowed } from '../errors/allowed.ts'
import { tell } from '../output/print.ts'
import { makeSafe } from '../output/text.ts'
import { KINDS, type Role } from '../kinds.ts'
import { surroundings, type Surroundings } from '../surroundings.ts'
import type { Server } from './server.ts'
import type { SignedInAs } from './credentials.ts'
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

/**
 * The account that acts, or that an application acts for, by what is known here without asking the server;
 * undefined where nothing says it.
 */
export const knownAccount = (source: TokenSource): { role: Role; id: string } | undefined => {
  const token = source.kind === 'file' ? source.session.accessToken : 'token' in source ? source.token : ''
  const { ownerId, subject } = claimsOf(token)
  const id = ownerId ?? subject
  const kind = KINDS.find(({ idPrefix }) => id?.startsWith(`${idPrefix}_`) === true)
  return kind === undefined || id === null ? undefined : { role: kind.role, id }
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

/** Who acts; the account is undefined where it may not be read. */
export interface Actor {
  readonly name: string
  readonly account: Account | undefined
}

/**
 * Says where and as whom the next question is asked; who that is. It needs no right: one who may not read
 * itself is named by what is known here.
 */
export const tellActor = async ({ client, server, source }: Connection): Promise<Actor> => {
  const account = await whereAllowed(client.auth.me())
  const name = account === undefined ? actorOf(source) : nameOf(account)
  tellWhere(server, name)
  return { name, account }
}

/** Who has signed in by a token that the server has taken: as it says itself where it may not be asked. */
export const signedInBy = async (client: AuthctlClient, token: string): Promise<SignedInAs> => {
  const account = await whereAllowed(client.auth.me())
  if (account !== undefined) return account
  const { subject, role } = claimsOf(token)
  return { id: subject ?? '', role: role ?? '', name: null, username: null, phone: null }
}

/** The namespace of an account: what it puts without naming another. Undefined for those that have none. */
export const namespaceOf = ({ role, id }: Pick<Account, 'role' | 'id'>): string | undefined => {
  if (role === 'super-admin') return 'root'
  return role === 'admin' || role === 'client' ? id : undefined
}
