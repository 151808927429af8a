import { boolean, string } from '@oclif/core/flags'
import type { NewAccount } from '../connection/client.ts'
import { RemoteCommand } from '../base-command.ts'
import { requireAcceptablePassword } from '../host/daemon.ts'
import { formed } from '../input/forms.ts'
import { namedAccount, namedPolicy, orNotFound } from '../errors/not-found.ts'
import type { View } from '../output/print.ts'
import { usageProblem } from '../problem.ts'
import { readSecret } from '../input/prompt.ts'
import { ADMINS, CLIENTS, type Kind } from '../kinds.ts'
import { parseAttribute } from './attributes.ts'
import { accountView, requireKind } from './view.ts'

interface Parent {
  readonly flag: string
  readonly field: 'admin_id' | 'client_id'
  readonly kind: Kind
  readonly summary: string
}

const PARENT: Readonly<Record<string, Parent>> = {
  clients: {
    flag: 'admin',
    field: 'admin_id',
    kind: ADMINS,
    summary: 'The admin to create it under; needed as super-admin',
  },
  subclients: {
    flag: 'client',
    field: 'client_id',
    kind: CLIENTS,
    summary: 'The client to create it under; needed as admin or super-admin',
  },
}

const parentFlag = ({ flag, kind, summary }: Parent) => ({
  [flag]: string({
    helpValue: 'ID',
    summary,
    parse: async (id) => {
      requireKind(id, kind)
      return id
    },
  }),
})

const examplesOf = ({ topic }: Kind): string[] => {
  const command = `<%= config.bin %> ${topic} create`
  if (topic === 'superadmins') return [`${command} --name "Root two" --username root.two`]
  const parent =
    PARENT[topic] === undefined ? '' : ` --${PARENT[topic].flag} ${topic === 'clients' ? 'adm' : 'cli'}_01j…`
  return [
    `${command} --name "Namma Rides" --username namma.rides${parent}`,
    `${command} --name Asha --number +919876543210${parent} --attribute tier=gold`,
    `$ printf %s "$PASSWORD" | ${command} --name Asha --username asha --password-stdin${parent} -o name`,
  ]
}

const flagsOf = ({ topic }: Kind) => {
  const parent = PARENT[topic]
  const isSuper = topic === 'superadmins'
  return {
    name: string({ required: true, summary: 'Display name' }),
    username: string({ required: isSuper, summary: 'Signs in by it and a password, which is asked for' }),
    'password-stdin': boolean({
      summary: 'Read the password from standard input',
      dependsOn: ['username'],
      exclusive: ['password-file'],
    }),
    'password-file': string({
      helpValue: 'PATH',
      summary: 'Read the password from a file',
      dependsOn: ['username'],
    }),
    'issue-token': boolean({ summary: 'Sign the new account in and print its first token' }),
    ...(isSuper
      ? {}
      : {
          number: string({ summary: 'Signs in by this phone and a one-time code' }),
          email: string({ summary: 'Contact address', ...formed('email') }),
          attribute: string({
            multiple: true,
            multipleNonGreedy: true,
            helpValue: 'NAME=VALUE',
            summary: 'For policies to read; may be repeated',
          }),
          policy: string({
            multiple: true,
            multipleNonGreedy: true,
            helpValue: 'NAME',
            summary: 'Attach this policy from the beginning; may be repeated',
            ...formed('policy'),
          }),
          boundary: string({
            helpValue: 'NAME',
            summary: 'Bound it by this policy from the beginning',
            ...formed('policy'),
          }),
        }),
    ...(parent === undefined ? {} : parentFlag(parent)),
  }
}

/** The `create` command of a kind of account. */
export const createCommand = (kind: Kind) => {
  const isSuper = kind.topic === 'superadmins'
  return class Create extends RemoteCommand<typeof RemoteCommand> {
    static override summary = `Create ${kind.noun}`
    static override description = `With --username it asks for a password of at least 15 characters${isSuper ? '' : '; with --number it signs in by one-time codes; both are possible'}.`
    static override examples = examplesOf(kind)
    static override flags = flagsOf(kind)

    protected override async execute(): Promise<View> {
      const body = await this.readBody()
      const { connect, createAccount } = await import('../connection/client.ts')
      const { client } = await connect(this.flags)
      const { admin_id, client_id, policies = [], boundary } = body
      const parents = [admin_id, client_id].filter((id) => id !== undefined)
      const names = [...policies, boundary].filter((name) => name !== undefined)
      const reply = await orNotFound(
        createAccount(client, kind.topic, body),
        ...parents.map(namedAccount),
        ...names.map(namedPolicy),
      )
      return accountView(reply.account, reply.token === undefined ? reply.account : reply)
    }

    private async readBody(): Promise<NewAccount> {
      const flags = this.flags as Readonly<Record<string, string | boolean | string[] | undefined>>
      const text = (name: string): string | undefined => flags[name] as string | undefined
      const [username, number, email] = [text('username'), text('number'), text('email')]
      if (username === undefined && number === undefined)
        throw usageProblem('a way to sign in is missing', 'Pass --username NAME, --number NUMBER, or both.')
      const parent = PARENT[kind.topic]
      const parentId = parent === undefined ? undefined : text(parent.flag)
      const attributes = ((flags['attribute'] as string[] | undefined) ?? []).map(parseAttribute)
      return {
        name: text('name') ?? '',
        ...(username === undefined ? {} : { username, password: await this.readPassword() }),
        ...(number === undefined ? {} : { number }),
        ...(email === undefined ? {} : { email }),
        ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
        ...(flags['policy'] === undefined ? {} : { policies: flags['policy'] as string[] }),
        ...(text('boundary') === undefined ? {} : { boundary: text('boundary') }),
        ...(parent === undefined || parentId === undefined ? {} : { [parent.field]: parentId }),
        issue_token: flags['issue-token'] === true,
      }
    }

    private async readPassword(): Promise<string> {
      const flags = this.flags as Readonly<Record<string, unknown>>
      const password = await readSecret({
        what: 'password',
        file: flags['password-file'] as string | undefined,
        stdin: flags['password-stdin'] === true,
        noInput: this.noInput,
        twice: true,
        question: 'Password of the new account: ',
        hint: 'Pass --password-stdin or --password-file PATH.',
      })
      await requireAcceptablePassword(password)
      return password
    }
  }
}
