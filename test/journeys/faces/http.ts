import type { Account, Page, ServiceList } from '@authctl/sdk'
import { type Answer, type Api, createApi } from '../../support/api.ts'
import { type Face, Refused, type Role } from './face.ts'

const NOUN: Readonly<Record<Role, string>> = {
  'super-admin': 'superadmin',
  admin: 'admin',
  client: 'client',
  'sub-client': 'subclient',
  user: 'user',
}

interface TokenPair {
  readonly access_token: string
  readonly refresh_token: string
}

const accepted = <T>(answer: Answer): T => {
  if (answer.status >= 400) throw new Refused(String(answer.body['code']))
  return answer.body as T
}

const accountOf = (answer: Answer): Account => accepted<{ account: Account }>(answer).account

/** Puts under the entity tag of what is there, if something is. */
const putOver = async (api: Api, path: string, [body, token]: [body: unknown, token: string | undefined]) => {
  const tag = (await api.get(path, token)).headers['etag']
  return api.call('PUT', path, {
    body,
    ...(token === undefined ? {} : { token }),
    ...(tag === undefined ? {} : { headers: { 'if-match': String(tag) } }),
  })
}

/** The API, called as anybody may call it; `createCaller` may look at what is said. */
export const httpOver = (createCaller: (url: string) => Api): Face => ({
  name: 'HTTP',
  afterSignOut: 'invalid_token',
  hasRefreshKeys: true,
  person: ({ url }) => {
    const api = createCaller(url)
    let token: string | undefined
    let refreshToken: string | undefined
    const enter = (answer: Answer): void => {
      const { access_token, refresh_token } = accepted<{ token: TokenPair }>(answer).token
      token = access_token
      refreshToken = refresh_token
    }
    const services = async () => accepted<ServiceList>(await api.get('/services', token)).items
    const put = (path: string, body: unknown) => putOver(api, path, [body, token])
    const change = async (id: string, verb: string): Promise<Account> =>
      accountOf(await api.post(`/accounts/${id}/${verb}`, {}, token))
    return {
      bootstrap: async (setup_token, { name, username, password }) =>
        void accepted(
          await api.post('/auth/superadmin/bootstrap', { setup_token, name, username, password }),
        ),
      signIn: async (role, username, password) =>
        enter(await api.post(`/auth/${NOUN[role]}/login`, { username, password })),
      signInByPhone: async (role, number, readCode) => {
        accepted(await api.post('/auth/otp/send', { number }))
        enter(await api.post(`/auth/${NOUN[role]}/login`, { number, otp: await readCode() }))
      },
      renew: async () => enter(await api.post('/auth/token/refresh', {}, refreshToken)),
      refreshKeys: {
        set: async (new_key, old_key) =>
          void accepted(await api.post('/user/access/refresh-key', { new_key, old_key }, token)),
        regenerate: async (refresh_key) =>
          enter(await api.post('/user/access/regenerate-token', { refresh_key }, token)),
      },
      me: async () => accepted(await api.get('/auth/me', token)),
      signOut: async () => void accepted(await api.post('/auth/logout', {}, token)),
      create: async (role, newcomer, parent) => {
        const body =
          parent === undefined
            ? newcomer
            : { ...newcomer, [role === 'client' ? 'admin_id' : 'client_id']: parent }
        return accountOf(await api.post(`/auth/${NOUN[role]}/create`, body, token))
      },
      get: async (id) => accepted(await api.get(`/accounts/${id}`, token)),
      list: async (role, limit) => {
        const items: Account[] = []
        let cursor: string | null = ''
        while (cursor !== null) {
          const after: string = cursor === '' ? '' : `&cursor=${cursor}`
          const page: Pick<Page<Account>, 'items' | 'next_cursor'> = accepted(
            await api.get(`/accounts?role=${role}&limit=${limit}${after}`, token),
          )
          items.push(...page.items)
          cursor = page.next_cursor
        }
        return items
      },
      rename: async (id, name) => {
        const { version } = accepted<Account>(await api.get(`/accounts/${id}`, token))
        const headers = { 'if-match': `"${version}"` }
        const options = { body: { name }, headers, ...(token === undefined ? {} : { token }) }
        return accountOf(await api.call('PATCH', `/accounts/${id}`, options))
      },
      sessionsOf: async (id) =>
        accepted<{ items: unknown[] }>(await api.get(`/accounts/${id}/sessions`, token)).items,
      disable: (id) => change(id, 'disable'),
      enable: (id) => change(id, 'enable'),
      delete: async (id) => void accepted(await api.del(`/accounts/${id}`, token)),
      importPlaces: async (places) => accepted(await api.post('/mapdirectory/places/import', places, token)),
      placesNear: async (near, radius) =>
        accepted<{ items: { id: string; distance_m: number }[] }>(
          await api.get(`/mapdirectory/places?near=${near}&radius=${radius}`, token),
        ).items,
      putService: async (declaration) => {
        const name = String(declaration.service)
        const me = accepted<Account>(await api.get('/auth/me', token))
        const namespace = me.role === 'super-admin' ? 'root' : me.id
        const present = (await services()).find(
          (each) => each.service.service === name && each.namespace === namespace,
        )
        const headers = present === undefined ? {} : { 'if-match': `"${present.hash}"` }
        const options = { body: declaration, headers, ...(token === undefined ? {} : { token }) }
        return accepted(await api.call('PUT', `/services/${name}`, options))
      },
      serviceNames: async () => (await services()).map(({ service }) => String(service.service)),
      deleteService: async (name) => void accepted(await api.del(`/services/${name}`, token)),
      putPolicy: async (document) =>
        accepted<{ detail: string }>(await put(`/policies/${String(document.Id)}`, document)).detail,
      policyNames: async () =>
        accepted<{ items: { name: string }[] }>(await api.get('/policies', token)).items.map(
          ({ name }) => name,
        ),
      deletePolicy: async (name) => void accepted(await api.del(`/policies/${name}`, token)),
      attach: async (id, policy) =>
        accountOf(await api.post(`/accounts/${id}/policies/${encodeURIComponent(policy)}`, {}, token)),
      detach: async (id, policy) =>
        accountOf(await api.del(`/accounts/${id}/policies/${encodeURIComponent(policy)}`, token)),
      setBoundary: async (id, policy) => {
        const options = { body: { policy }, ...(token === undefined ? {} : { token }) }
        return accountOf(await api.call('PUT', `/accounts/${id}/boundary`, options))
      },
      putAttachments: async (attachments) =>
        accepted<{ attachments: unknown[] }>(await put('/attachments', attachments)).attachments,
      check: async (question) => accepted(await api.post('/access/check', question, token)),
      explain: async (decision_id) => accepted(await api.post('/access/explain', { decision_id }, token)),
      whoCan: async (question) =>
        accepted<{ items: Account[] }>(await api.post('/access/who-can', question, token)).items.map(
          ({ id }) => id,
        ),
      close: () => undefined,
    }
  },
})

/** The API. */
export const http = httpOver(createApi)
