import { string as stringArg } from '@oclif/core/args'
import { RemoteCommand } from '../base-command.ts'
import type { View } from '../output.ts'
import type { Kind } from '../roles.ts'
import { chooseServer } from '../server.ts'
import { accountView, requireKind } from './view.ts'

const idArg = (kind: Kind) => ({
  id: stringArg({ required: true, description: `The id, ${kind.idPrefix}_…`, ignoreStdin: true }),
})

/** The `get` command of a kind of account. */
export const getCommand = (kind: Kind) =>
  class Get extends RemoteCommand<typeof Get> {
    static override summary = `Show ${kind.noun}`
    static override examples = [
      `<%= config.bin %> ${kind.topic} get ${kind.idPrefix}_01j…`,
      `<%= config.bin %> ${kind.topic} get ${kind.idPrefix}_01j… --json`,
    ]
    static override args = idArg(kind)

    protected override async execute(): Promise<View> {
      requireKind(this.args.id, kind)
      const { connect } = await import('../api.ts')
      const { client } = connect(this.flags)
      return accountView(await client.accounts.get(this.args.id))
    }
  }

/** The `disable` command of a kind of account; asks first. */
export const disableCommand = (kind: Kind) => {
  const below = kind.role === 'admin' || kind.role === 'client' ? ' and everything below it' : ''
  return class Disable extends RemoteCommand<typeof Disable> {
    static override summary = `Disable ${kind.noun}: it${below} can do nothing from the next request on`
    static override examples = [
      `<%= config.bin %> ${kind.topic} disable ${kind.idPrefix}_01j…`,
      {
        description: 'In a script',
        command: `<%= config.bin %> ${kind.topic} disable ${kind.idPrefix}_01j… --yes`,
      },
    ]
    static override args = idArg(kind)

    protected override async execute(): Promise<View> {
      requireKind(this.args.id, kind)
      await this.confirm(
        `Disable ${this.args.id}${below} on ${chooseServer(this.flags.server)}?`,
        this.flags.yes,
      )
      const { connect } = await import('../api.ts')
      const { client } = connect(this.flags)
      const { account } = await client.accounts.disable(this.args.id)
      return accountView(account)
    }
  }
}

/** The `enable` command of a kind of account. */
export const enableCommand = (kind: Kind) =>
  class Enable extends RemoteCommand<typeof Enable> {
    static override summary = `Enable ${kind.noun} that was disabled; it has to sign in again`
    static override examples = [`<%= config.bin %> ${kind.topic} enable ${kind.idPrefix}_01j…`]
    static override args = idArg(kind)

    protected override async execute(): Promise<View> {
      requireKind(this.args.id, kind)
      const { connect } = await import('../api.ts')
      const { client } = connect(this.flags)
      const { account } = await client.accounts.enable(this.args.id)
      return accountView(account)
    }
  }
