import type { AuthctlClient } from '@authctl/sdk'
import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../base-command.ts'
import { namedAccount, orNotFound } from '../errors/not-found.ts'
import type { Kind } from '../kinds.ts'
import { recordView, type View } from '../output/print.ts'
import { type Asked, questionAbout } from './question.ts'
import { accountView, requireKind } from './view.ts'

/** The argument that names an account of a kind. */
export const idArg = (kind: Kind) => ({
  id: stringArg({ required: true, description: `The id, ${kind.idPrefix}_…` }),
})

/** Whether accounts can stand below one of the kind and fall with it. */
const hasBelow = ({ role }: Kind): boolean => role === 'admin' || role === 'client'

const belowOf = (kind: Kind): string => (hasBelow(kind) ? ' and everything below it' : '')

/** One call about one account. */
interface Verb {
  readonly summary: (kind: Kind) => string
  readonly description?: string
  /** A second example beside the plain one. */
  readonly example?: 'json' | 'script'
  /** What is asked before it is done. */
  readonly asked?: (kind: Kind) => Asked
  readonly call: (client: AuthctlClient, id: string) => Promise<View>
}

const VERBS = {
  get: {
    summary: ({ noun }) => `Show ${noun}`,
    example: 'json',
    call: async (client, id) => accountView(await client.accounts.get(id)),
  },
  disable: {
    summary: (kind) => `Disable ${kind.noun}: it${belowOf(kind)} can do nothing from the next request on`,
    example: 'script',
    asked: (kind) => ({ verb: 'Disable', below: belowOf(kind) }),
    call: async (client, id) => accountView((await client.accounts.disable(id)).account),
  },
  enable: {
    summary: ({ noun }) => `Enable ${noun} that was disabled; it has to sign in again`,
    call: async (client, id) => accountView((await client.accounts.enable(id)).account),
  },
  delete: {
    summary: (kind) => `Delete ${kind.noun}${hasBelow(kind) ? ' that has no accounts below it' : ''}`,
    description:
      'Ends everything it was given. Its username and phone number can be used again, its id never is.',
    example: 'script',
    asked: () => ({ verb: 'Delete', end: ' This cannot be undone.' }),
    call: async (client, id) => {
      await client.accounts.delete(id)
      return recordView({ id, deleted: true })
    },
  },
} satisfies Readonly<Record<string, Verb>>

const SECOND_EXAMPLE = {
  json: (command: string) => `${command} --json`,
  script: (command: string) => ({ description: 'In a script', command: `${command} --yes` }),
}

/** The command that does one thing to one account of a kind; what hurts asks first. */
export const accountCommand = (kind: Kind, name: keyof typeof VERBS) => {
  const verb: Verb = VERBS[name]
  const example = `<%= config.bin %> ${kind.topic} ${name} ${kind.idPrefix}_01j…`
  return class AccountCommand extends RemoteCommand<typeof AccountCommand> {
    static override summary = verb.summary(kind)
    static override description = verb.description
    static override examples = [
      example,
      ...(verb.example === undefined ? [] : [SECOND_EXAMPLE[verb.example](example)]),
    ]
    static override args = idArg(kind)

    protected override async execute(): Promise<View> {
      const { id } = this.args
      requireKind(id, kind)
      const asked = verb.asked?.(kind)
      if (asked !== undefined)
        await this.confirm(async () => await questionAbout(this.flags, id, asked), this.flags.yes)
      const { connect } = await import('../connection/client.ts')
      const { client } = await connect(this.flags)
      return await orNotFound(verb.call(client, id), namedAccount(id))
    }
  }
}
