import type { AuthctlClient } from '@authctl/sdk'
import { ask, canAsk, forbidsInput } from '../input/prompt.ts'
import { changesSomething } from '../operations.ts'
import { localProblem } from '../problem.ts'
import { actorOf, tellWhere } from './acting.ts'
import type { ConnectFlags, TokenSource } from './client.ts'
import { withMethods } from './own-answers.ts'
import { namedContext, type Server } from './server.ts'

/** Where a client leads, as whom, and what was typed. */
interface Passage {
  readonly server: Server
  readonly source: TokenSource
  readonly flags: ConnectFlags
}

/**
 * Lets nobody change something in a protected context by mistake: its name is typed, or was, beside --yes.
 * Throws `Problem` `not_confirmed`.
 */
const requireName = async ({ server: { context }, flags }: Passage): Promise<void> => {
  if (context?.protected !== true) return
  const { name } = context
  if (flags.yes && namedContext(flags) === name) return
  const refuse = (message: string): never => {
    const hint = `Pass --yes --context ${name}.`
    throw localProblem('not_confirmed', message, hint, 'notConfirmed')
  }
  if (!canAsk(forbidsInput(flags['no-input'])))
    refuse(`the context ${name} is protected, and nobody can be asked here: nothing was changed`)
  if ((await ask(`The context ${name} is protected. Type its name to go on: `)).trim() !== name)
    refuse(`that is not ${name}: nothing was changed`)
}

/** A change that is only tried out changes nothing. */
const isDryRun = (order: unknown): boolean =>
  typeof order === 'object' && order !== null && 'dry_run' in order && order.dry_run === true

/**
 * A client that says where and as whom before its first call that changes something, and lets it through only
 * then.
 */
export const gatedClient = (client: AuthctlClient, passage: Passage): AuthctlClient => {
  let passed: Promise<void> | undefined
  const pass = async (): Promise<void> => {
    tellWhere(passage.server, actorOf(passage.source))
    await requireName(passage)
  }
  return withMethods(client, (operation, method) =>
    changesSomething(operation)
      ? async (...sent) => {
          if (!isDryRun(sent[0])) await (passed ??= pass())
          return await method(...sent)
        }
      : method,
  )
}
