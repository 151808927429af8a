import { nameOf, tellActor } from '../connection/acting.ts'
import type { ConnectFlags } from '../connection/client.ts'
import { whereAllowed } from '../errors/allowed.ts'
import { namedAccount, orNotFound } from '../errors/not-found.ts'

/** What is asked before something is done to an account. */
export interface Asked {
  /** Such as `Disable`. */
  readonly verb: string
  /** What falls with it. */
  readonly below?: string
  /** Said after the question. */
  readonly end?: string
}

/**
 * The question before something that hurts an account: by its name, and what it means if that is oneself.
 * Throws when it is not there. One who may not read it is asked by its id.
 */
export const questionAbout = async (
  flags: ConnectFlags,
  id: string,
  { verb, below = '', end = '' }: Asked,
): Promise<string> => {
  const { connect } = await import('../connection/client.ts')
  const connection = await connect(flags)
  const account = await whereAllowed(orNotFound(connection.client.accounts.get(id), namedAccount(id)))
  const { account: me } = await tellActor(connection)
  const named = account === undefined ? `the account ${id}` : nameOf(account)
  const self = me?.id === id ? ' That is you: you are signed out with it.' : ''
  return `${verb} ${named}${below}?${self}${end}`
}
