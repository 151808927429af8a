import { listOf, type Attachment } from '../../../policies/index.ts'
import type { KnownAccount } from '../account.ts'
import { fullName, namespaceOf, namespacesAbove, splitName } from '../policy-snapshot.ts'
import { usernameKey } from '../username.ts'
import type { Hide } from './reduced-document.ts'

/** What decisions need to know of an account, as an application is told it. */
export interface LocalFacts extends Pick<
  KnownAccount,
  'id' | 'path' | 'role' | 'status' | 'attributes' | 'version' | 'boundary'
> {
  /** References of what is attached to the account itself. */
  readonly policies: readonly string[]
  /** What an attachment can select it by. */
  readonly marks: readonly string[]
}

/** An attachment as an application is told it: for an account that has all of its marks. */
export interface LocalAttachment {
  readonly to: readonly string[]
  readonly policies: readonly string[]
  readonly boundary: string | null
}

/** How things of the daemon are called towards one application. */
export interface Naming {
  /**
   * The reference of a policy by its full name: the name itself, or what stands for it where the policy is of
   * an account above the owner of the application.
   */
  readonly reference: (full: string) => string
  readonly attachment: (attachment: Attachment, namespace: string) => LocalAttachment
  readonly facts: (account: KnownAccount) => LocalFacts
  /** Whether the names of a namespace are hidden. */
  readonly isHidden: (namespace: string) => boolean
  readonly hide: Hide
}

const attributeMark = ([name, value]: readonly [string, unknown]): string =>
  `attribute\0${name}\0${String(value)}`

/**
 * What an application of this owner is told in place of names. Selectors of attachments and what they select
 * by are hidden alike, so that both meet and neither tells a username or the id of somebody else.
 */
export const createNaming = (owner: Pick<KnownAccount, 'id' | 'role' | 'path'>, hide: Hide): Naming => {
  const own = namespaceOf(owner)
  const hidden = new Set(namespacesAbove(owner).filter((name) => name !== own))
  const isHidden = (namespace: string): boolean => hidden.has(namespace)
  const mark = (text: string): string => hide('mark', text)
  const reference = (full: string): string => {
    const { namespace } = splitName(full)
    return namespace !== undefined && isHidden(namespace) ? `${namespace}/~${hide('policy', full)}` : full
  }
  return {
    isHidden,
    hide,
    reference,
    attachment: ({ to, policies = [], boundary }, namespace) => ({
      to: [
        ...(to.role === undefined ? [] : [`role:${to.role}`]),
        ...(to.id === undefined ? [] : [mark(`id\0${to.id}`)]),
        ...(to.username === undefined ? [] : [mark(`username\0${usernameKey(to.username)}`)]),
        ...Object.entries(to.attributes ?? {}).map((each) => mark(attributeMark(each))),
      ],
      policies: listOf<string>(policies).map((name) => reference(fullName(name, namespace))),
      boundary: boundary === undefined ? null : reference(fullName(boundary, namespace)),
    }),
    facts: ({ id, path, role, status, attributes, policies, boundary, version, usernameKey: key }) => ({
      id,
      path,
      role,
      status,
      attributes,
      policies: policies.map(reference),
      boundary: boundary === null ? null : reference(boundary),
      marks: [
        `role:${role}`,
        mark(`id\0${id}`),
        ...(key === null ? [] : [mark(`username\0${key}`)]),
        ...Object.entries(attributes).map((each) => mark(attributeMark(each))),
      ],
      version,
    }),
  }
}
