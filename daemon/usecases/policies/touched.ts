import type { Attachment } from '../../../policies/index.ts'
import {
  newAccount,
  NOBODY_YET,
  ROLE_NAMES,
  roleOfId,
  ROLES,
  type Account,
  type Role,
} from '../../domain/account.ts'
import { ROOT, type OwnedNamespace, type PolicySnapshot } from '../../domain/policy-snapshot.ts'
import { usernameKey } from '../../domain/username.ts'
import type { AccountPosition, AccountStore } from '../../ports/stores/index.ts'

const PAGE = 200

/** The roles that accounts below the owner of a namespace can have. */
const rolesBelow = ({ name, above }: OwnedNamespace): readonly Role[] =>
  name === ROOT
    ? ROLE_NAMES
    : ROLE_NAMES.filter((role) => ROLES[role].parent !== null).slice(above.length - 1)

/** The path of an account of a role below the owner, with names that nobody has for those between. */
const pathBelow = ({ name, ownerPath, above }: OwnedNamespace, role: Role, id: string): string => {
  const depth = (of: Role): number => {
    const { parent } = ROLES[of]
    return parent === null ? 1 : depth(parent) + 1
  }
  const isRoot = name === ROOT
  const between = depth(role) - 1 - (isRoot ? 0 : above.length)
  return [
    ...(isRoot ? [] : [ownerPath]),
    ...Array.from({ length: Math.max(0, between) }, () => NOBODY_YET),
    id,
  ].join('/')
}

type Selecting = Attachment['to']

const accountFor = (
  home: OwnedNamespace,
  role: Role,
  { id, username, attributes = {} }: Selecting,
): Account => {
  const made = newAccount({ role, rowKey: NOBODY_YET, parent: null, now: 0 }, { attributes })
  const own = id ?? NOBODY_YET
  const path = pathBelow(home, role, own)
  return {
    ...made,
    id: own as Account['id'],
    path,
    parentId: (path.split('/').at(-2) ?? null) as Account['parentId'],
    ...(username === undefined ? {} : { username, usernameKey: usernameKey(username) }),
  }
}

const rolesFor = ({ id, role }: Selecting, roles: readonly Role[]): readonly Role[] =>
  roles.filter((each) => (role === undefined || each === role) && (id === undefined || roleOfId(id) === each))

/**
 * Accounts that may come to be: one of each role below the owner of a namespace, and one for whom each of
 * these attachments is. What attachments give to a role they give to everybody who is created later.
 */
const potentialAccounts = (
  home: OwnedNamespace,
  attachments: readonly Pick<Attachment, 'to'>[],
): Account[] => {
  const roles = rolesBelow(home)
  const plain = roles.map((role) => accountFor(home, role, {}))
  const selectors = new Map(attachments.map(({ to }) => [JSON.stringify(to), to]))
  const selected = [...selectors.values()]
    .filter(({ id, username, attributes }) => id ?? username ?? attributes)
    .flatMap((to) => rolesFor(to, roles).map((role) => accountFor(home, role, to)))
  return [...plain, ...selected]
}

/** The selectors, and whom an attachment and one of them select together. */
const alsoSelected = (
  selectors: readonly Selecting[],
  attachments: readonly Attachment[],
): Pick<Attachment, 'to'>[] =>
  selectors.flatMap((selector) => [
    { to: selector },
    ...attachments.flatMap(({ to: { role, attributes = {} } }) => {
      const isOther = role === undefined || role !== selector.role
      const both = { ...attributes, ...selector.attributes }
      const isContrary = Object.entries(attributes).some(([name, value]) => both[name] !== value)
      return isOther || isContrary ? [] : [{ to: { role, attributes: both } }]
    }),
  ])

/**
 * The potential accounts of a namespace and of every one below it that attaches something in one of these
 * states; and those whom `selectors` select besides.
 */
export const potentialAccountsUnder = (
  home: OwnedNamespace,
  snapshots: readonly PolicySnapshot[],
  selectors: readonly Selecting[] = [],
): Account[] => {
  const places = new Map([[home.name, home]])
  const attached = new Map<string, Attachment[]>()
  for (const { namespaces } of snapshots)
    for (const { revision } of namespaces.values()) {
      const { namespace: name, above, attachments } = revision
      if (attachments.length === 0 || (name !== home.name && !above.includes(home.name))) continue
      if (name !== home.name)
        places.set(name, { name, above, ownerPath: [...above.slice(1), name].join('/') })
      attached.set(name, [...(attached.get(name) ?? []), ...attachments])
    }
  const above = snapshots.flatMap(({ namespaces }) =>
    home.above.flatMap((name) => namespaces.get(name)?.revision.attachments ?? []),
  )
  return [...places.values()].flatMap((place) => {
    const own = attached.get(place.name) ?? []
    return potentialAccounts(place, [...own, ...alsoSelected(selectors, [...above, ...own])])
  })
}

/**
 * Every account that the policies of a namespace are for, as it is stored: those below its owner, of the root
 * all. In the order of their creation, read page by page, so that other requests go on in between.
 */
export async function* accountsUnder(
  accounts: Pick<AccountStore, 'list'>,
  { name, ownerPath }: OwnedNamespace,
): AsyncGenerator<Account> {
  const isRoot = name === ROOT
  const query = { below: isRoot ? null : ownerPath, includeUsers: isRoot, limit: PAGE }
  for (let after: AccountPosition | undefined; ;) {
    const page = await accounts.list({ ...query, ...(after && { after }) })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    after = { createdAt: last.createdAt, id: last.id }
  }
}
