import type { Attachment, Selector } from '../../policies/index.ts'
import type { KnownAccount } from './account.ts'
import { usernameKey } from './username.ts'

const hasAttributes = ({ attributes = {} }: Selector, account: KnownAccount): boolean =>
  Object.entries(attributes).every(
    ([name, wanted]) =>
      Object.hasOwn(account.attributes, name) && String(account.attributes[name]) === String(wanted),
  )

/** Attachments by whom they are for, so that an account looks at few of many. */
export interface Selection {
  readonly byId: ReadonlyMap<string, readonly Attachment[]>
  readonly byUsername: ReadonlyMap<string, readonly Attachment[]>
  readonly byRole: ReadonlyMap<string, readonly Attachment[]>
}

const grouped = (
  attachments: readonly Attachment[],
  keyOf: (to: Selector) => string | undefined,
): Map<string, Attachment[]> => {
  const groups = new Map<string, Attachment[]>()
  for (const attachment of attachments) {
    const key = keyOf(attachment.to)
    if (key === undefined) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [attachment])
    else group.push(attachment)
  }
  return groups
}

/** The attachments, indexed by what they select. */
export const selectionOf = (attachments: readonly Attachment[]): Selection => ({
  byId: grouped(attachments, ({ id }) => id),
  // Selectors compare usernames as sign-in does.
  byUsername: grouped(attachments, ({ username }) =>
    username === undefined ? undefined : usernameKey(username),
  ),
  byRole: grouped(attachments, ({ role }) => role),
})

/** The attachments that are for the account. */
export const selectedFor = (account: KnownAccount, { byId, byUsername, byRole }: Selection): Attachment[] => [
  ...(byRole.get(account.role) ?? []).filter(({ to }) => hasAttributes(to, account)),
  ...(account.usernameKey === null ? [] : (byUsername.get(account.usernameKey) ?? [])),
  ...(byId.get(account.id) ?? []),
]
