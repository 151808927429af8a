import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Api } from './api.ts'
import type { TestDaemon } from './in-process.ts'

export const PASSWORD = 'correct horse battery staple'

/** A signed-in account of a test. */
export interface SignedIn {
  readonly id: string
  readonly access: string
  readonly refresh: string
}

interface Created {
  account: { id: string }
  token: { access_token: string; refresh_token: string }
}

/** The account and tokens of a sign-in or create answer; throws with the whole answer if it is none. */
export const signedIn = (answer: { status: number; text: string; body: unknown }): SignedIn => {
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`)
  const { account, token } = answer.body as Created
  return { id: account.id, access: token.access_token, refresh: token.refresh_token }
}

/** Creates the first super-admin with the set-up token of the data directory. */
export const bootstrap = async (api: Api, dataDir: string, username = 'root'): Promise<SignedIn> => {
  const [token] = readFileSync(join(dataDir, 'setup-token'), 'utf8').split('\n')
  return signedIn(
    await api.post('/auth/superadmin/bootstrap', {
      setup_token: token,
      name: 'Root',
      username,
      password: PASSWORD,
    }),
  )
}

const RENEW_MS = 300_000

/**
 * The access token of a super-admin, for rounds that together take longer than a token lives: it signs in
 * anew when the last one is some minutes old.
 */
export const createRenewal = (username = 'root'): ((api: Api) => Promise<string>) => {
  let [token, since] = ['', -RENEW_MS]
  return async (api) => {
    if (performance.now() - since < RENEW_MS) return token
    since = performance.now()
    token = signedIn(await api.post('/auth/superadmin/login', { username, password: PASSWORD })).access
    return token
  }
}

export interface Family {
  readonly root: SignedIn
  readonly admin: SignedIn
  readonly client: SignedIn
  readonly subClient: SignedIn
}

/**
 * A super-admin, an admin, its client and the client's sub-client, all with usernames, passwords and phones.
 */
export const createFamily = async ({
  api,
  dataDir,
}: Pick<TestDaemon, 'api' | 'dataDir'>): Promise<Family> => {
  const root = await bootstrap(api, dataDir)
  const person = (name: string, number: string) => ({ name, username: name, password: PASSWORD, number })
  const admin = signedIn(await api.post('/auth/admin/create', person('asha', '+919876500001'), root.access))
  const client = signedIn(
    await api.post('/auth/client/create', person('chetan', '+919876500002'), admin.access),
  )
  const subClient = signedIn(
    await api.post('/auth/subclient/create', person('sita', '+919876500003'), client.access),
  )
  return { root, admin, client, subClient }
}

/** Asks for a code and signs the end user in with it. */
export const signInUser = async (
  { api, sms }: Pick<TestDaemon, 'api' | 'sms'>,
  number: string,
): Promise<SignedIn> => {
  const sent = await api.post('/auth/otp/send', { number })
  if (sent.status !== 200) throw new Error(sent.text)
  return signedIn(await api.post('/auth/user/login', { number, otp: await sms.codeFor(number) }))
}
