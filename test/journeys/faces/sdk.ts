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
  hasRefreshKeys: true,
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
      signInByPhone: async (role, number, readCode) => {
        await orRefused(client.otp.send({ number }))
        const kind = role === 'user' ? client.users : kinds[role]
        await orRefused(kind.login({ number, otp: await readCode() }))
      },
      renew: async () => void (await orRefused(client.tokens.refresh())),
      refreshKeys: {
        set: async (new_key, old_key) =>
          void (await orRefused(
            client.refreshKeys.set({ new_key, ...(old_key === undefined ? {} : { old_key }) }),
          )),
        regenerate: async (refresh_key) => void (await orRefused(client.tokens.regenerate({ refresh_key }))),
      },
      me: () => orRefused(client.auth.me()),
      signOut: async () => void (await orRefused(client.auth.logout())),
      create: async (role, { attributes, policies, ...newcomer }, parent) => {
        const body = {
          ...newcomer,
          ...(attributes === undefined ? {} : { attributes: { ...attributes } }),
          ...(policies === undefined ? {} : { policies: [...policies] }),
        }
        const below = role === 'client' ? { admin_id: parent } : { client_id: parent }
        const created = kinds[role].create(parent === undefined ? body : { ...body, ...below })
        return (await orRefused(created)).account
      },
      get: (id) => orRefused(client.accounts.get(id)),
      list: async (role, limit) => {
        const items: Account[] = []
        for await (const item of await orRefused(client.accounts.list({ role, limit }))) items.push(item)
        return items
      },
      rename: async (id, name) => {
        const { version } = await orRefused(client.accounts.get(id))
        return (await orRefused(client.accounts.update(id, { name }, { ifMatch: version }))).account
      },
      sessionsOf: async (id) => (await orRefused(client.accounts.sessions(id))).items,
      disable: async (id) => (await orRefused(client.accounts.disable(id))).account,
      enable: async (id) => (await orRefused(client.accounts.enable(id))).account,
      delete: async (id) => void (await orRefused(client.accounts.delete(id))),
      importPlaces: (places) => orRefused(client.places.import(places)),
      placesNear: async (near, radius) => (await orRefused(client.places.list({ near, radius }))).items,
      putService: async (declaration) => {
        const name = String(declaration.service)
        const me = await orRefused(client.auth.me())
        const namespace = me.role === 'super-admin' ? 'root' : me.id
        const present = (await orRefused(client.services.list())).items.find(
          (each) => each.service.service === name && each.namespace === namespace,
        )
        const ifMatch = present === undefined ? {} : { ifMatch: present.hash }
        return await orRefused(client.services.put(name, declaration, ifMatch))
      },
      serviceNames: async () =>
        (await orRefused(client.services.list())).items.map(({ service }) => String(service.service)),
      deleteService: async (name) => void (await orRefused(client.services.delete(name))),
      putPolicy: async (document) => {
        const name = String(document.Id)
        const present = (await client.policies.list()).items.find((each) => each.name.endsWith(`/${name}`))
        const ifMatch = present === undefined ? {} : { ifMatch: present.hash }
        return (await orRefused(client.policies.put(name, document, ifMatch))).detail
      },
      policyNames: async () => (await orRefused(client.policies.list())).items.map(({ name }) => name),
      deletePolicy: async (name) => void (await orRefused(client.policies.delete(name))),
      attach: async (id, policy) => (await orRefused(client.policies.attach(id, policy))).account,
      detach: async (id, policy) => (await orRefused(client.policies.detach(id, policy))).account,
      setBoundary: async (id, policy) => (await orRefused(client.policies.setBoundary(id, policy))).account,
      putAttachments: async (attachments) => {
        const { revision } = await orRefused(client.attachments.get())
        return (await orRefused(client.attachments.put(attachments, { ifMatch: revision }))).attachments
      },
      check: (question) => orRefused(client.access.check(question)),
      explain: (decision_id) => orRefused(client.access.explain({ decision_id })),
      whoCan: async (question) => (await orRefused(client.access.whoCan(question))).items.map(({ id }) => id),
      close: () => undefined,
    }
  },
}
