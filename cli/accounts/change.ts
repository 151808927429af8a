import { boolean, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { requireForm } from '../input/forms.ts'
import { namedAccount, orNotFound } from '../errors/not-found.ts'
import { recordView, type View } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import type { Kind } from '../kinds.ts'
import { withAttributes } from './attributes.ts'
import { idArg } from './command.ts'
import { questionAbout } from './question.ts'
import { sessionsView } from './sessions.ts'
import { accountView, requireKind } from './view.ts'

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
      const { client } = await connect(this.flags)
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
      const { client } = await connect(this.flags)
      if (end) {
        const { revoked } = await orNotFound(client.accounts.revokeSessions(id), namedAccount(id))
        return recordView({ id, revoked })
      }
      return sessionsView(await orNotFound(client.accounts.sessions(id), namedAccount(id)))
    }
  }
