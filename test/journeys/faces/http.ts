import type { Account, Page } from '@authctl/sdk'
import { type Answer, createApi } from '../../support/api.ts'
import { type Face, Refused, type Role } from './face.ts'

const NOUN: Readonly<Record<Role, string>> = {
  'super-admin': 'superadmin',
  admin: 'admin',
  client: 'client',
  'sub-client': 'subclient',
  user: 'user',
}

const accepted = <T>(answer: Answer): T => {
  if (answer.status >= 400) throw new Refused(String(answer.body['code']))
  return answer.body as T
}

/** The API, called as anybody may call it. */
export const http: Face = {
  name: 'HTTP',
  afterSignOut: 'invalid_token',
  person: ({ url }) => {
    const api = createApi(url)
    let token: string | undefined
    const enter = (answer: Answer): void => {
      token = accepted<{ token: { access_token: string } }>(answer).token.access_token
    }
    const change = async (id: string, verb: string): Promise<Account> =>
      accepted<{ account: Account }>(await api.post(`/accounts/${id}/${verb}`, {}, token)).account
    return {
      bootstrap: async (setup_token, { name, username, password }) =>
        void accepted(
          await api.post('/auth/superadmin/bootstrap', { setup_token, name, username, password }),
        ),
      signIn: async (role, username, password) =>
        enter(await api.post(`/auth/${NOUN[role]}/login`, { username, password })),
      signInByPhone: async (number, readCode) => {
        accepted(await api.post('/auth/otp/send', { number }))
        enter(await api.post('/auth/user/login', { number, otp: await readCode() }))
      },
      me: async () => accepted(await api.get('/auth/me', token)),
      signOut: async () => void accepted(await api.post('/auth/logout', {}, token)),
      create: async (role, newcomer, parent) => {
        const body = parent === undefined ? newcomer : { ...newcomer, client_id: parent }
        return accepted<{ account: Account }>(await api.post(`/auth/${NOUN[role]}/create`, body, token))
          .account
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
      disable: (id) => change(id, 'disable'),
      enable: (id) => change(id, 'enable'),
      delete: async (id) => void accepted(await api.del(`/accounts/${id}`, token)),
      importPlaces: async (places) => accepted(await api.post('/mapdirectory/places/import', places, token)),
      placesNear: async (near, radius) =>
        accepted<{ items: { id: string; distance_m: number }[] }>(
          await api.get(`/mapdirectory/places?near=${near}&radius=${radius}`, token),
        ).items,
      close: () => undefined,
    }
  },
}
