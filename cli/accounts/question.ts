import { nameOf, tellActor } from '../connection/acting.ts'
import type { ConnectFlags } from '../connection/client.ts'
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
 * Throws when it is not there.
 */
export const questionAbout = async (
  flags: ConnectFlags,
  id: string,
  { verb, below = '', end = '' }: Asked,
): Promise<string> => {
  const { connect } = await import('../connection/client.ts')
  const connection = await connect(flags)
  const account = await orNotFound(connection.client.accounts.get(id), namedAccount(id))
  const me = await tellActor(connection)
  const self = me.id === id ? ' That is you: you are signed out with it.' : ''
  return `${verb} ${nameOf(account)}${below}?${self}${end}`
}
