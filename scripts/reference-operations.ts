import { OPERATIONS } from '../cli/operations.ts'
import type { Route } from '../daemon/contract/route.ts'
import { page, table } from './markdown.ts'

/** Commands that differ in the kind of account only are one entry: `authctl admins|clients get`. */
const commandsOf = (commands: readonly string[]): string => {
  const topicsOf = new Map<string, string[]>()
  for (const command of commands) {
    const [topic = '', ...verb] = command.split(' ')
    topicsOf.set(verb.join(' '), [...(topicsOf.get(verb.join(' ')) ?? []), topic])
  }
  return [...topicsOf]
    .flatMap(([verb, topics]) => (verb === '' ? topics : [`${topics.join('|')} ${verb}`]))
    .map((words) => `\`authctl ${words}\``)
    .join(', ')
}

/** The page that says by which face every operation is reached. */
export const operationsPage = (routes: readonly Route[]): string =>
  page(
    'Operations',
    'Everything that authctl does is an operation of the HTTP API; the SDK has a method of its name, and the command line a command, or a reason for having none. A command that calls one marked *changes* says first in which context, on which server and as whom.',
    table(
      ['operation', 'HTTP', 'SDK', 'command line'],
      routes.map(({ operationId, method, path }) => {
        const { commands, reason, changes } = OPERATIONS[operationId] ?? {
          commands: [],
          reason: 'not in the table',
          changes: false,
        }
        return [
          `\`${operationId}\`${changes ? ' *changes*' : ''}`,
          `[\`${method} ${path}\`](routes.md#${operationId.toLowerCase().replaceAll('.', '')})`,
          `\`client.${operationId}()\``,
          reason === undefined ? commandsOf(commands) : `none: ${reason}`,
        ]
      }),
    ),
  )
