import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Account } from '@authctl/sdk'
import { createSandbox, type Invocation } from '../../cli/run-cli.ts'
import { type Face, type Question, Refused, type Role } from './face.ts'

const TOPIC: Readonly<Record<Role, string>> = {
  'super-admin': 'superadmins',
  admin: 'admins',
  client: 'clients',
  'sub-client': 'subclients',
  user: 'users',
}
const TOPIC_OF_PREFIX: Readonly<Record<string, string>> = {
  sa: 'superadmins',
  adm: 'admins',
  cli: 'clients',
  sub: 'subclients',
  usr: 'users',
}

const topicOf = (id: string): string => TOPIC_OF_PREFIX[id.split('_')[0] ?? ''] ?? id

const asFile = (value: unknown) => ({ stdin: { text: JSON.stringify(value) } })

const asked = ({ action, resource, principal, context }: Question): string[] => [
  action,
  resource,
  ...(principal === undefined ? [] : ['--principal', principal]),
  ...Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
]

/** The command line, of which each person has a home of its own. */
export const cli: Face = {
  name: 'the command line',
  afterSignOut: 'not_signed_in',
  hasRefreshKeys: false,
  person: ({ url }) => {
    const home = createSandbox()
    const json = async <T>(argv: readonly string[], more: Omit<Invocation, 'argv'> = {}): Promise<T> => {
      const { code, stdout, stderr } = await home.run({
        ...more,
        argv: [...argv, '--json'],
        env: { AUTHCTL_SERVER: url, ...more.env },
      })
      if (stdout === '') throw new Error(`${argv.join(' ')} exits ${code} and prints nothing: ${stderr}`)
      const value = JSON.parse(stdout) as T & { error?: { code: string } }
      if (code !== 0) throw new Refused(value.error?.code ?? `exit ${code}`)
      return value
    }
    const withPassword = (password: string) => ({ stdin: { text: password } })
    const byName = ({ name, username }: { name: string; username: string }) => [
      '--name',
      name,
      '--username',
      username,
      '--password-stdin',
    ]
    return {
      bootstrap: async (setupToken, newcomer) =>
        void (await json(['bootstrap', '--server', url, ...byName(newcomer)], {
          ...withPassword(newcomer.password),
          env: { AUTHCTL_SETUP_TOKEN: setupToken },
        })),
      signIn: async (role, username, password) =>
        void (await json(
          ['login', '--role', role, '--username', username, '--password-stdin'],
          withPassword(password),
        )),
      signInByPhone: async (role, number, readCode) =>
        void (await json(['login', '--role', role, '--number', number, '--otp-stdin'], {
          stdin: { text: readCode },
        })),
      renew: async () => {
        // As if the token had lived its time: the SDK looks at its own record of the expiry.
        const file = join(home.configDirectory, 'credentials.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"expiresAt": \d+/, '"expiresAt": 1'))
        await json(['whoami'])
      },
      me: async () => (await json<{ account: Account }>(['whoami'])).account,
      signOut: async () => {
        const { code, stderr } = await home.run({ argv: ['logout'], env: { AUTHCTL_SERVER: url } })
        if (code !== 0) throw new Error(stderr)
      },
      create: (role, newcomer, parent) =>
        json(
          [
            TOPIC[role],
            'create',
            ...byName(newcomer),
            ...Object.entries(newcomer.attributes ?? {}).flatMap(([name, value]) => [
              '--attribute',
              `${name}=${value}`,
            ]),
            ...(newcomer.number === undefined ? [] : ['--number', newcomer.number]),
            ...(newcomer.policies ?? []).flatMap((policy) => ['--policy', policy]),
            ...(parent === undefined ? [] : [role === 'client' ? '--admin' : '--client', parent]),
          ],
          withPassword(newcomer.password),
        ),
      get: (id) => json([topicOf(id), 'get', id]),
      list: async (role, limit) => {
        const items: Account[] = []
        let cursor: string | null = ''
        while (cursor !== null) {
          const after: string[] = cursor === '' ? [] : ['--cursor', cursor]
          const page: { items: Account[]; next_cursor: string | null } = await json([
            TOPIC[role],
            'list',
            '--limit',
            String(limit),
            ...after,
          ])
          items.push(...page.items)
          cursor = page.next_cursor
        }
        return items
      },
      rename: (id, name) => json([topicOf(id), 'update', id, '--name', name]),
      sessionsOf: async (id) => (await json<{ items: unknown[] }>([topicOf(id), 'sessions', id])).items,
      disable: (id) => json([topicOf(id), 'disable', id, '--yes']),
      enable: (id) => json([topicOf(id), 'enable', id]),
      delete: async (id) => void (await json([topicOf(id), 'delete', id, '--yes'])),
      importPlaces: (places) => json(['places', 'import', '-'], { stdin: { text: JSON.stringify(places) } }),
      placesNear: async (near, radius) =>
        (
          await json<{ items: { id: string; distance_m: number }[] }>([
            'places',
            'list',
            '--near',
            near,
            '--radius',
            String(radius),
          ])
        ).items,
      putService: (declaration) => json(['services', 'put', '-'], asFile(declaration)),
      serviceNames: async () =>
        (await json<{ items: { service: { service: string } }[] }>(['services', 'list'])).items.map(
          ({ service }) => service.service,
        ),
      deleteService: async (name) => void (await json(['services', 'delete', name, '--yes'])),
      putPolicy: async (document) =>
        (await json<{ detail: string }>(['policies', 'put', '-'], asFile(document))).detail,
      policyNames: async () =>
        (await json<{ items: { name: string }[] }>(['policies', 'list'])).items.map(({ name }) => name),
      deletePolicy: async (name) => void (await json(['policies', 'delete', name, '--yes'])),
      attach: (id, policy) => json(['policies', 'attach', policy, id]),
      detach: (id, policy) => json(['policies', 'detach', policy, id]),
      setBoundary: (id, policy) => json(['policies', 'set-boundary', id, policy ?? '--clear']),
      putAttachments: async (attachments) => {
        await json(['attachments', 'put', '-', '--yes'], asFile(attachments))
        return (await json<{ attachments: unknown[] }>(['attachments', 'get'])).attachments
      },
      check: (question) => json(['access', 'check', ...asked(question)]),
      explain: (decisionId) => json(['access', 'explain', '--decision', decisionId]),
      whoCan: async (question) =>
        (await json<{ items: Account[] }>(['access', 'who-can', ...asked(question)])).items.map(
          ({ id }) => id,
        ),
      close: () => home.remove(),
    }
  },
}
