import type { Attachment, ROLES, Scalar, Selector } from '../language.ts'

type Role = (typeof ROLES)[number]

/** The beginning of the ids of each role. */
export const ID_PREFIXES: Readonly<Record<Role, string>> = {
  'super-admin': 'sa',
  admin: 'adm',
  client: 'cli',
  'sub-client': 'sub',
  user: 'usr',
}

/** The roles above each role, nearest first. */
const ABOVE: Readonly<Record<Role, readonly Role[]>> = {
  'super-admin': [],
  admin: [],
  client: ['admin'],
  'sub-client': ['client', 'admin'],
  user: [],
}

/** The roles above a role, nearest first. */
export const rolesAbove = (role: Role): readonly Role[] => ABOVE[role]

/** An account that attachments may be for: what is said of it is known, and all else is not. */
export interface Supposed {
  readonly role: Role
  readonly id?: string
  readonly username?: string
  readonly attributes: Readonly<Record<string, Scalar>>
}

const ALL = Object.keys(ID_PREFIXES) as readonly Role[]

/** The roles that an account of a selector can have. */
const rolesOf = ({ id, role }: Selector): readonly Role[] => {
  if (id === undefined) return ALL.filter((each) => role === undefined || each === role)
  const known = ALL.filter((each) => id.startsWith(`${ID_PREFIXES[each]}_`))
  return known.length === 0 ? ALL : known
}

/** Those that a selector may select, one of each role. */
export const supposedOf = (to: Selector): Supposed[] =>
  rolesOf(to).map((role) => ({
    role,
    ...(to.id !== undefined && { id: to.id }),
    ...(to.username !== undefined && { username: to.username }),
    attributes: to.attributes ?? {},
  }))

const isSame = (one: Scalar | undefined, other: Scalar | undefined): boolean =>
  one === undefined || other === undefined || String(one).toLowerCase() === String(other).toLowerCase()

const areSame = (one: Scalar | undefined, other: Scalar): boolean =>
  one !== undefined && String(one) === String(other)

/** The account, if it is selected as well; undefined where it cannot be, by what is known of it. */
export const selectedToo = (account: Supposed, to: Selector): Supposed | undefined => {
  const { attributes: wanted = {}, id, username } = to
  if (!rolesOf(to).includes(account.role)) return undefined
  if (!isSame(account.id, id) || !isSame(account.username, username)) return undefined
  const isContrary = Object.entries(wanted).some(
    ([name, value]) => Object.hasOwn(account.attributes, name) && !areSame(account.attributes[name], value),
  )
  if (isContrary) return undefined
  return {
    ...account,
    ...(id !== undefined && { id }),
    ...(username !== undefined && { username }),
    attributes: { ...account.attributes, ...wanted },
  }
}

/** Whether an attachment is for the account, for certain. */
export const isSelected = (account: Supposed, { id, username, role, attributes = {} }: Selector): boolean => {
  if (id !== undefined) return account.id === id
  if (username !== undefined) return account.username?.toLowerCase() === username.toLowerCase()
  return (
    role === account.role &&
    Object.entries(attributes).every(([name, value]) => areSame(account.attributes[name], value))
  )
}

/** The account with each of the attachments that may be for it besides, and without any of them. */
export const variantsOf = (account: Supposed, attachments: readonly Attachment[]): Supposed[] => {
  const variants = attachments.flatMap(({ to }) => selectedToo(account, to) ?? [])
  const byText = new Map([account, ...variants].map((each) => [JSON.stringify(each), each]))
  return [...byText.values()]
}

/** The account in words: `client tier="trial"`. */
export const supposedText = ({ role, id, username, attributes }: Supposed): string =>
  [
    id ?? username ?? role,
    ...Object.entries(attributes).map(([name, value]) => `${name}=${JSON.stringify(String(value))}`),
  ].join(' ')
