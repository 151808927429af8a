import { PASSWORD, signedIn, type SignedIn } from '../support/accounts.ts'
import type { Api } from '../support/api.ts'

/** Who sends requests. */
export const ACTORS = [
  'nobody',
  'garbage',
  'root',
  'admin',
  'client',
  'subClient',
  'user',
  'refresh',
] as const
export type Actor = (typeof ACTORS)[number]

/** The callers of a run, whose accounts and sessions its requests end now and then. */
export interface Actors {
  /** The bearer that an actor sends. */
  bearerOf(actor: Actor): string | undefined
  /** Takes up the refresh token that an answer gave. */
  keepRefresh(token: string): void
  /** Notes that a token was refused, perhaps because its session has ended. */
  doubt(actor: Actor): void
  /** Signs in again who has been signed out, and makes those anew who are gone, or everybody. */
  renew(which?: { readonly all: boolean }): Promise<void>
}

const FIRST_NUMBER = 9_820_000_000

/** The super-admin must be there already; everybody else is made by phone number, which costs no hash. */
export const createActors = async (
  api: Api,
  root: { readonly username: string },
  signInUser: (number: string) => Promise<SignedIn>,
): Promise<Actors> => {
  const people: Partial<Record<Actor, SignedIn>> = {}
  let refresh = ''
  let count = 0
  const nextNumber = (): string => `+91${FIRST_NUMBER + count++}`
  const login = async (): Promise<SignedIn> =>
    signedIn(await api.post('/auth/superadmin/login', { username: root.username, password: PASSWORD }))
  const below = async (kind: string, parent: SignedIn | undefined): Promise<SignedIn> =>
    signedIn(await api.post(`/auth/${kind}/create`, { name: kind, number: nextNumber() }, parent?.access))
  const makers: Readonly<Record<Exclude<Actor, 'nobody' | 'garbage' | 'refresh'>, () => Promise<SignedIn>>> =
    {
      root: login,
      admin: () => below('admin', people.root),
      client: () => below('client', people.admin),
      subClient: () => below('subclient', people.client),
      user: () => signInUser(nextNumber()),
    }
  const doubtful = new Set<Actor>(ACTORS)
  const isIn = async (actor: Actor): Promise<boolean> => {
    const person = people[actor]
    if (person === undefined) return false
    return !doubtful.has(actor) || (await api.get('/auth/me', person.access)).status === 200
  }
  const renewRefresh = async (): Promise<void> => {
    const answer = await api.call('POST', '/auth/token/refresh', { token: refresh })
    refresh =
      answer.status === 200
        ? (answer.body as unknown as { token: { refresh_token: string } }).token.refresh_token
        : (await below('admin', people.root)).refresh
  }

  const renewOnce: Actors['renew'] = async ({ all } = { all: false }) => {
    let isNew = all
    for (const [actor, make] of Object.entries(makers) as [keyof typeof makers, () => Promise<SignedIn>][]) {
      const isBelowNew = isNew && actor !== 'user' && actor !== 'root'
      if (!isBelowNew && !(all && actor === 'user') && (await isIn(actor))) continue
      people[actor] = await make()
      isNew ||= actor !== 'root' && actor !== 'user'
    }
    if (doubtful.has('refresh')) await renewRefresh()
    doubtful.clear()
  }
  /** A token may expire between the look at it and its use. */
  const renew: Actors['renew'] = async (which) => {
    try {
      await renewOnce(which)
    } catch {
      for (const actor of ACTORS) doubtful.add(actor)
      await renewOnce(which)
    }
  }
  await renew()
  return {
    renew,
    doubt: (actor) => void doubtful.add(actor),
    keepRefresh: (token) => void (refresh = token),
    bearerOf: (actor) => {
      if (actor === 'nobody') return undefined
      if (actor === 'garbage') return 'eyJhbGciOiJFZERTQSJ9.e30.AAAA'
      return actor === 'refresh' ? refresh : people[actor]?.access
    },
  }
}
