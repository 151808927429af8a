import { string as stringArg } from '@oclif/core/args'
import { boolean, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { requireForm } from '../input/forms.ts'
import { namedAccount, orNotFound } from '../errors/not-found.ts'
import { recordView, type View } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import type { Kind } from '../kinds.ts'
import { withAttributes } from './attributes.ts'
import { questionAbout } from './question.ts'
import { accountView, requireKind } from './view.ts'

/** Whether accounts can stand below one of the kind and fall with it. */
const hasBelow = ({ role }: Kind): boolean => role === 'admin' || role === 'client'

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
      const { id } = this.args
      requireKind(id, kind)
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      return accountView(await orNotFound(client.accounts.get(id), namedAccount(id)))
    }
  }

/** The `disable` command of a kind of account; asks first. */
export const disableCommand = (kind: Kind) => {
  const below = hasBelow(kind) ? ' and everything below it' : ''
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
      const { id } = this.args
      requireKind(id, kind)
      await this.confirm(
        async () => await questionAbout(this.flags, id, { verb: 'Disable', below }),
        this.flags.yes,
      )
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      const { account } = await orNotFound(client.accounts.disable(id), namedAccount(id))
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
      const { id } = this.args
      requireKind(id, kind)
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      const { account } = await orNotFound(client.accounts.enable(id), namedAccount(id))
      return accountView(account)
    }
  }

/** The `delete` command of a kind of account; asks first. */
export const deleteCommand = (kind: Kind) =>
  class Delete extends RemoteCommand<typeof Delete> {
    static override summary = `Delete ${kind.noun}${hasBelow(kind) ? ' that has no accounts below it' : ''}`
    static override description =
      'Ends everything it was given. Its username and phone number can be used again, its id never is.'
    static override examples = [
      `<%= config.bin %> ${kind.topic} delete ${kind.idPrefix}_01j…`,
      {
        description: 'In a script',
        command: `<%= config.bin %> ${kind.topic} delete ${kind.idPrefix}_01j… --yes`,
      },
    ]
    static override args = idArg(kind)

    protected override async execute(): Promise<View> {
      const { id } = this.args
      requireKind(id, kind)
      const asked = { verb: 'Delete', end: ' This cannot be undone.' }
      await this.confirm(async () => await questionAbout(this.flags, id, asked), this.flags.yes)
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      await orNotFound(client.accounts.delete(id), namedAccount(id))
      return recordView({ id, deleted: true })
    }
  }

/** The `update` command of a kind of account. */
export const updateCommand = (kind: Kind) =>
  class Update extends RemoteCommand<typeof Update> {
    static override summary = `Change fields of ${kind.noun}`
    static override description =
      'What is not named stays. Attributes are set one by one; NAME= takes one away. Refused if somebody else changed the account meanwhile.'
    static override examples = [
      `<%= config.bin %> ${kind.topic} update ${kind.idPrefix}_01j… --name "Namma Rides"`,
      `<%= config.bin %> ${kind.topic} update ${kind.idPrefix}_01j… --attribute tier=gold --attribute trial=`,
    ]
    static override args = idArg(kind)
    static override flags = {
      name: string({ summary: 'Display name' }),
      email: string({
        summary: 'Contact address; an empty one takes it away',
        parse: async (text) => (text === '' ? text : requireForm('email', text)),
      }),
      attribute: string({
        multiple: true,
        multipleNonGreedy: true,
        helpValue: 'NAME=VALUE',
        summary: 'For policies to read; may be repeated',
      }),
    }

    protected override async execute(): Promise<View> {
      const { id } = this.args
      requireKind(id, kind)
      const { name, email, attribute } = this.flags
      if (name === undefined && email === undefined && attribute === undefined)
        throw usageProblem('nothing to change', 'Pass --name, --email or --attribute.')
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      const present = await orNotFound(client.accounts.get(id), namedAccount(id))
      const changes = {
        ...(name === undefined ? {} : { name }),
        ...(email === undefined ? {} : { email: email === '' ? null : email }),
        ...(attribute === undefined ? {} : { attributes: withAttributes(present.attributes, attribute) }),
      }
      const { account } = await client.accounts.update(id, changes, { ifMatch: present.version })
      return accountView(account)
    }
  }

const SESSION_COLUMNS = ['id', 'client_id', 'ip', 'user_agent', 'created_at', 'last_used_at', 'expires_at']

/** The `sessions` command of a kind of account. */
export const sessionsCommand = (kind: Kind) =>
  class Sessions extends RemoteCommand<typeof Sessions> {
    static override summary = `List where ${kind.noun} is signed in; with --end, end it everywhere`
    static override examples = [
      `<%= config.bin %> ${kind.topic} sessions ${kind.idPrefix}_01j…`,
      `<%= config.bin %> ${kind.topic} sessions ${kind.idPrefix}_01j… --end --yes`,
    ]
    static override args = idArg(kind)
    static override flags = { end: boolean({ summary: 'End every session; asks first' }) }

    protected override async execute(): Promise<View> {
      const { id } = this.args
      requireKind(id, kind)
      const { end, yes } = this.flags
      const asked = { verb: 'End every session of' }
      if (end) await this.confirm(async () => await questionAbout(this.flags, id, asked), yes)
      const { connect } = await import('../connection/client.ts')
      const { client } = connect(this.flags)
      if (end) {
        const { revoked } = await orNotFound(client.accounts.revokeSessions(id), namedAccount(id))
        return recordView({ id, revoked })
      }
      const { items } = await orNotFound(client.accounts.sessions(id), namedAccount(id))
      return {
        data: { items },
        rows: items.map((item) => ({ ...item })),
        columns: SESSION_COLUMNS,
        empty: 'no sessions',
      }
    }
  }
