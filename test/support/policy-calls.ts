import type { Answer, Api } from './api.ts'

/** An application that asks, as it declares itself. */
export const ORDERS_SERVICE = {
  service: 'orders',
  actions: {
    Read: { resources: ['order'], keys: ['orders.total'] },
    Write: { resources: ['order'], keys: ['orders.total'] },
  },
  resource_types: { order: {} },
  context_keys: { 'orders.total': { type: 'number', always: false } },
}

/** A policy that allows these actions on these resources. */
export const allowing = (
  id: string,
  actions: string | string[],
  resources: string | string[] = 'order/*',
) => ({
  Version: 'authctl/1',
  Id: id,
  Statement: [{ Sid: 'It', Effect: 'Allow', Action: actions, Resource: resources }],
})

/** A policy with these statements. */
export const policyOf = (id: string, ...statements: object[]) => ({
  Version: 'authctl/1',
  Id: id,
  Statement: statements,
})

/** Puts something, over what is there if there is. */
export const put = async (
  api: Api,
  path: string,
  { token, body, raw }: { token: string; body?: object; raw?: string },
): Promise<Answer> => {
  const content = raw === undefined ? { body } : { raw }
  const present = await api.get(path, token)
  const tag = present.headers['etag']
  return api.call('PUT', path, {
    token,
    ...content,
    ...(typeof tag === 'string' ? { headers: { 'if-match': tag } } : {}),
  })
}

/** What `/access/check` says about oneself. */
export const check = async (api: Api, token: string, action: string, resource: string): Promise<unknown> => {
  const { status, text, body } = await api.post('/access/check', { action, resource }, token)
  if (status !== 200) throw new Error(text)
  return body['decision']
}
