import { type Account, AuthctlError, createClient } from '@authctl/sdk'
import { type Face, Refused } from './face.ts'

const orRefused = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call
  } catch (error) {
    throw error instanceof AuthctlError ? new Refused(error.code) : error
  }
}

/** The SDK, which holds and renews the session by itself. */
export const sdk: Face = {
  name: 'SDK',
  afterSignOut: 'not_signed_in',
  person: ({ url }) => {
    const client = createClient({ baseUrl: url })
    const kinds = {
      'super-admin': client.superadmins,
      admin: client.admins,
      client: client.clients,
      'sub-client': client.subclients,
    }
    return {
      // Who was created by bootstrap is signed in here already; that is the SDK's own business.
      bootstrap: async (setup_token, { name, username, password }) =>
        void (await orRefused(client.superadmins.bootstrap({ setup_token, name, username, password }))),
      signIn: async (role, username, password) => {
        if (role === 'user') throw new Error('end users sign in by phone')
        await orRefused(kinds[role].login({ username, password }))
      },
      signInByPhone: async (number, readCode) => {
        await orRefused(client.otp.send({ number }))
        await orRefused(client.users.login({ number, otp: await readCode() }))
      },
      me: () => orRefused(client.auth.me()),
      signOut: async () => void (await orRefused(client.auth.logout())),
      create: async (role, { attributes, ...newcomer }, parent) => {
        const body = { ...newcomer, ...(attributes === undefined ? {} : { attributes: { ...attributes } }) }
        const created =
          parent === undefined
            ? kinds[role].create(body)
            : client.subclients.create({ ...body, client_id: parent })
        return (await orRefused(created)).account
      },
      get: (id) => orRefused(client.accounts.get(id)),
      list: async (role, limit) => {
        const items: Account[] = []
        for await (const item of await orRefused(client.accounts.list({ role, limit }))) items.push(item)
        return items
      },
      disable: async (id) => (await orRefused(client.accounts.disable(id))).account,
      enable: async (id) => (await orRefused(client.accounts.enable(id))).account,
      delete: async (id) => void (await orRefused(client.accounts.delete(id))),
      importPlaces: (places) => orRefused(client.places.import(places)),
      placesNear: async (near, radius) => (await orRefused(client.places.list({ near, radius }))).items,
      close: () => undefined,
    }
  },
}
