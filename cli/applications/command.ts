import type { AuthctlClient, Application } from '@authctl/sdk'
import { string as stringArg } from '@oclif/core/args'
import { integer, string } from '@oclif/core/flags'
import { RemoteCommand } from '../base-command.ts'
import { tellActor } from '../connection/acting.ts'
import { whereAllowed } from '../errors/allowed.ts'
import { namedApplication, orNotFound } from '../errors/not-found.ts'
import { formed } from '../input/forms.ts'
import { recordView, type Row, type View } from '../output/print.ts'

const DAY_SECONDS = 86_400

/** The argument that names an application. */
export const applicationArg = {
  id: stringArg({
    required: true,
    description: 'The id, app_…',
    ...formed('application'),
  }),
}

/** The flag that narrows an application to policies. */
export const policyFlag = (summary: string) =>
  string({ multiple: true, multipleNonGreedy: true, helpValue: 'NAME', summary, ...formed('policy') })

/** The flag of the life of a new key. */
export const EXPIRES = {
  'expires-days': integer({
    min: 1,
    max: 3650,
    summary: 'Days until the new key ends by itself; default: it does not',
  }),
}

/** The life of a new key as the server takes it. */
export const keyLife = (days: number | undefined): { key_expires_in?: number } =>
  days === undefined ? {} : { key_expires_in: days * DAY_SECONDS }

type Key = Application['keys'][number]

const hasEnded = ({ expires_at }: Key): boolean => expires_at !== null && Date.parse(expires_at) <= Date.now()

const toMinute = (at: string | null): string => (at === null ? 'never' : `${at.slice(0, 16)}Z`)

const toKeyRow = (key: Key): Row => ({
  key_id: key.id,
  ends_at: `${toMinute(key.expires_at)}${hasEnded(key) ? ' (ended)' : ''}`,
  last_used_at: toMinute(key.last_used_at),
})

const toPublicKeyRow = ({ kid, last_used_at }: Application['jwks']['keys'][number]): Row => ({
  key_id: kid,
  ends_at: 'never',
  last_used_at: toMinute(last_used_at),
})

/** What an application is narrowed to, in words: no policies of its own, and none at all, are two things. */
const narrowedTo = ({ policies }: Application): string => {
  if (policies === null) return 'as its owner'
  return policies.length === 0 ? 'nothing' : policies.join(' ')
}

const toRow = (application: Application): Row => {
  const { keys: _keys, ...fields } = application
  const names = application.jwks.keys.map(({ kid }) => kid)
  return { ...fields, policies: narrowedTo(application), jwks: names.length === 0 ? 'none' : names.join(' ') }
}

/** One application, one field a line, and below it when each of its keys ends and was used last. */
export const applicationView = (application: Application): View => ({
  ...recordView(application, toRow(application)),
  more: [
    {
      rows: [...application.keys.map(toKeyRow), ...application.jwks.keys.map(toPublicKeyRow)],
      columns: ['key_id', 'ends_at', 'last_used_at'],
    },
  ],
})

/** An application with the key that is shown this once. */
export const withKeyView = (reply: {
  readonly application: Application
  readonly key_id: string
  readonly service_key: string
}): View => {
  const { application, key_id, service_key } = reply
  return recordView({ application, key_id, service_key }, { ...toRow(application), key_id, service_key })
}

/** What is said of a key on stderr. */
export const KEPT_NOTE =
  'The service key is shown this once: keep it where secrets are kept. The application sends its id and this key to POST /oauth/token.'

/** Applications as a table. */
export const applicationsView = (items: readonly Application[], data: unknown): View => ({
  data,
  rows: items.map((each) => ({
    ...toRow(each),
    live_keys: each.keys.filter((key) => !hasEnded(key)).length,
  })),
  columns: ['id', 'name', 'status', 'owner_id', 'policies', 'live_keys', 'created_at'],
  empty: 'no applications',
})

interface Verb {
  readonly summary: string
  readonly description: string
  /** What is asked before it is done. */
  readonly asked?: string
  readonly call: (client: AuthctlClient, id: string) => Promise<View>
}

const setStatus = async (client: AuthctlClient, id: string, status: 'active' | 'disabled'): Promise<View> =>
  applicationView((await client.applications.update(id, { status })).application)

const VERBS = {
  disable: {
    summary: 'Disable an application: it can do nothing from the next request on',
    description: 'Its keys and tokens are kept; enable lets them work again.',
    asked: 'Disable',
    call: (client, id) => setStatus(client, id, 'disabled'),
  },
  enable: {
    summary: 'Enable an application that was disabled',
    description: 'Its live keys, and tokens that have not expired, work again.',
    call: (client, id) => setStatus(client, id, 'active'),
  },
  delete: {
    summary: 'Delete an application: its keys and tokens end with the next request',
    description: 'Its id is never used again.',
    asked: 'Delete',
    call: async (client, id) => {
      await client.applications.delete(id)
      return recordView({ id, deleted: true })
    },
  },
} satisfies Readonly<Record<string, Verb>>

/** The command that does one thing to one application; what hurts asks first. */
export const applicationCommand = (name: keyof typeof VERBS) => {
  const verb: Verb = VERBS[name]
  const example = `<%= config.bin %> applications ${name} app_01j…`
  return class ApplicationCommand extends RemoteCommand<typeof ApplicationCommand> {
    static override summary = verb.summary
    static override description = verb.description
    static override examples = [
      example,
      ...(verb.asked === undefined ? [] : [{ description: 'In a script', command: `${example} --yes` }]),
    ]
    static override args = applicationArg

    protected override async execute(): Promise<View> {
      const { id } = this.args
      const { connect } = await import('../connection/client.ts')
      const { asked } = verb
      if (asked !== undefined)
        await this.confirm(async () => {
          const connection = await connect(this.flags)
          await tellActor(connection)
          const reading = orNotFound(connection.client.applications.get(id), namedApplication(id))
          const found = await whereAllowed(reading)
          const named = found === undefined ? id : `${JSON.stringify(found.name)} (${id})`
          return `${asked} the application ${named}?`
        }, this.flags.yes)
      const { client } = await connect(this.flags)
      return await orNotFound(verb.call(client, id), namedApplication(id))
    }
  }
}
