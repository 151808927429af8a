import { beforeAll } from 'vitest'
import { PASSWORD, signedIn, type Family, type SignedIn } from './accounts.ts'
import type { Api } from './api.ts'
import { useFamily } from './family.ts'
import { allowing, ORDERS_SERVICE, put } from './policy-calls.ts'
import { applySet, bodyOf, planSet } from './policy-sets.ts'

/** An application that sells items. */
export const SHOP = {
  service: 'shop',
  actions: { Read: { resources: ['item'] }, Sell: { resources: ['item'] } },
  resource_types: { item: {} },
}
/** The same, with a new name for selling. */
export const RENAMED_SHOP = {
  ...SHOP,
  actions: { Read: { resources: ['item'] }, Trade: { resources: ['item'] } },
}

export const READERS = allowing('readers', 'orders:Read', 'order/*')
export const WRITERS = allowing('writers', 'orders:Write', 'order/*')

/** The files of a set that has only these documents. */
export const documents = (...all: { Id: string }[]) =>
  Object.fromEntries(all.map((each) => [`documents/${each.Id}.json`, each]))

/**
 * A daemon with a service of orders and a policy about all of them, and what makes empty namespaces on it.
 * What it answers is there once the tests run.
 */
export const usePlanner = () => {
  let api: Api
  let family: Family
  let made = 0
  useFamily({ AUTHCTL_RATE_LIMITS: 'off' }, (home) => ({ api, family } = home))
  beforeAll(async () => {
    await put(api, '/services/orders', { token: family.root.access, body: ORDERS_SERVICE })
    const everything = allowing('orders-all', 'orders:*', '*')
    await put(api, '/policies/orders-all', { token: family.root.access, body: everything })
  })

  /** A username that nobody has. */
  const newName = (): string => `planner${++made}`

  /** An admin of its own for each test: its namespace is empty. */
  const newAdmin = async (): Promise<SignedIn> =>
    signedIn(
      await api.post(
        '/auth/admin/create',
        { name: 'x', username: newName(), password: PASSWORD },
        family.root.access,
      ),
    )

  /** The id of an empty namespace, and how its sets are sent, by the super-admin. */
  const newNamespace = async () => {
    const { id, access } = await newAdmin()
    const token = family.root.access
    const body = (set: string, files: Readonly<Record<string, unknown>>, options = {}) =>
      bodyOf(set, files, { namespace: id, ...options })
    return {
      id,
      access,
      plan: (...sent: Parameters<typeof body>) => planSet(api, token, body(...sent)),
      apply: (...sent: Parameters<typeof body>) => applySet(api, token, body(...sent)),
      tryPlan: (...sent: Parameters<typeof body>) => api.post('/policies/plan', body(...sent), token),
      tryApply: (...sent: Parameters<typeof body>) => api.post('/policies/apply', body(...sent), token),
      put: (name: string, document: object) =>
        put(api, `/policies/${id}%2F${name}`, { token, body: document }),
      attachments: async () =>
        (await api.get(`/attachments?namespace=${id}`, token)).body['attachments'] as unknown as object[],
      names: async () =>
        (
          (await api.get(`/policies?namespace=${id}`, token)).body['items'] as unknown as { id: string }[]
        ).map((each) => each.id),
    }
  }

  return {
    newName,
    newAdmin,
    newNamespace,
    home: () => ({ api, family, token: family.root.access }),
  }
}
