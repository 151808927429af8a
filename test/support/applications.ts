import { postForm, type Answer, type Api } from './api.ts'

/** An application of a test, with its newest key. */
export interface MadeApplication {
  readonly id: string
  readonly key: string
  readonly keyId: string
}

/** The application and key of an answer that shows one; throws with the whole answer if it is none. */
export const withKey = (answer: Pick<Answer, 'status' | 'text' | 'body'>): MadeApplication => {
  if (answer.status !== 200 && answer.status !== 201) throw new Error(`${answer.status}: ${answer.text}`)
  const { application, service_key, key_id } = answer.body as unknown as {
    application: { id: string }
    service_key: string
    key_id: string
  }
  return { id: application.id, key: service_key, keyId: key_id }
}

/** Creates an application. */
export const createApplication = async (
  api: Api,
  token: string,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<MadeApplication> => withKey(await api.post('/applications', { name: 'Shop', ...fields }, token))

/** The header of `client_secret_basic` (RFC 6749 section 2.3.1). */
export const basic = (id: string, secret: string): { authorization: string } => {
  const pair = [id, secret].map(encodeURIComponent).join(':')
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Asks for a token of an application. */
export const askToken = (
  api: Pick<Api, 'call'>,
  { id, key }: Pick<MadeApplication, 'id' | 'key'>,
  parameters: Record<string, string> = {},
): Promise<Answer> =>
  postForm(api, '/oauth/token', { grant_type: 'client_credentials', ...parameters }, basic(id, key))

/** An access token of an application; throws with the whole answer if it is given none. */
export const tokenOf = async (
  api: Pick<Api, 'call'>,
  application: Pick<MadeApplication, 'id' | 'key'>,
  scope?: string,
): Promise<string> => {
  const answer = await askToken(api, application, scope === undefined ? {} : { scope })
  if (answer.status !== 200) throw new Error(`${answer.status}: ${answer.text}`)
  return String(answer.body['access_token'])
}
