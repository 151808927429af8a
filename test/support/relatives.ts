import { createFamily, PASSWORD, signedIn, signInUser, type SignedIn } from './accounts.ts'
import type { TestDaemon } from './in-process.ts'

export const SIGNED_IN = ['root', 'admin', 'client', 'subClient', 'user'] as const
export const ACTORS = ['anonymous', ...SIGNED_IN] as const
export const RELATIONS = ['self', 'subtree', 'sibling', 'parent', 'foreign', 'absent'] as const

export type SignedInActor = (typeof SIGNED_IN)[number]
export type Actor = (typeof ACTORS)[number]
export type Relation = (typeof RELATIONS)[number]

/** One account of each role, and the accounts that stand in a relation to it. */
export interface Relatives {
  readonly people: Readonly<Record<SignedInActor, SignedIn>>
  readonly related: Readonly<Record<SignedInActor, Partial<Readonly<Record<Relation, string>>>>>
}

/** A family, and another one beside it. */
export const createRelatives = async (daemon: TestDaemon): Promise<Relatives> => {
  const { api } = daemon
  const family = await createFamily(daemon)
  let names = 0
  const make = async (noun: string, creator: SignedIn): Promise<SignedIn> => {
    const person = { name: 'x', username: `relative${++names}`, password: PASSWORD }
    return signedIn(await api.post(`/auth/${noun}/create`, person, creator.access))
  }
  const root2 = await make('superadmin', family.root)
  const [admin2, admin3] = [await make('admin', family.root), await make('admin', family.root)]
  const [client2, foreignClient] = [await make('client', family.admin), await make('client', admin2)]
  const [sub2, foreignSub] = [await make('subclient', family.client), await make('subclient', foreignClient)]
  const [user, user2] = [await signInUser(daemon, '+919876543210'), await signInUser(daemon, '+919876543211')]
  return {
    people: { ...family, user },
    related: {
      root: { subtree: admin3.id, sibling: root2.id },
      admin: { subtree: client2.id, sibling: admin2.id, parent: family.root.id, foreign: foreignClient.id },
      client: { subtree: sub2.id, sibling: client2.id, parent: family.admin.id, foreign: foreignClient.id },
      subClient: { sibling: sub2.id, parent: family.client.id, foreign: foreignSub.id },
      user: { sibling: user2.id, parent: family.root.id, foreign: family.client.id },
    },
  }
}

const ABSENT = `cli_${'0'.repeat(26)}`

/** The id of the account that stands in a relation to an actor; undefined if nobody does. */
export const targetOf = (
  { people, related }: Relatives,
  actor: SignedInActor,
  relation: Relation,
): string | undefined => {
  if (relation === 'self') return people[actor].id
  return relation === 'absent' ? ABSENT : related[actor][relation]
}

/** Whom an actor may act on: what is below it, and super-admins one another. */
export const dominates = (actor: Actor, relation: Relation): boolean =>
  relation === 'subtree' || (actor === 'root' && (relation === 'sibling' || relation === 'self'))
