import type { AuthctlClient } from '@authctl/sdk'
import { namedAttachments, type ObjectOrigin, type PolicyObject } from '../../../policies/plan/index.ts'
import type { PolicySet } from '../../../policies/set/index.ts'

/** A revision with everything in it. */
export interface FullRevision {
  readonly id: string
  readonly number: number
  readonly namespace: string
  readonly parent: string | null
  readonly created_at: string
  readonly actor: string | null
  readonly event: string
  readonly set: string | null
  readonly commit: string | null
  readonly objects: readonly PolicyObject[]
}

/** One revision with its objects. */
export const readRevision = async (
  client: AuthctlClient,
  revision: string | number,
  namespace: string | undefined,
): Promise<FullRevision> => {
  const found = await client.policies.revision(String(revision), { namespace })
  // What the server keeps is what its validator has passed.
  return found as typeof found & { objects: PolicyObject[] }
}

/** The objects of a set that lies on the disk; without an origin. */
export const objectsOfSet = ({ services, documents, attachments, invariants }: PolicySet): PolicyObject[] => [
  ...services.map((value): PolicyObject => ({ kind: 'service', name: value.service, value, origin: null })),
  ...documents.map(({ document: value }): PolicyObject => ({
    kind: 'document',
    name: value.Id,
    value,
    origin: null,
  })),
  ...namedAttachments(attachments.map((value) => ({ value, origin: null }))),
  ...invariants.map(({ invariant: value }): PolicyObject => ({
    kind: 'invariant',
    name: value.invariant,
    value,
    origin: null,
  })),
]

/** The objects that a set owns. */
export const ownedBy = (objects: readonly PolicyObject[], set: string): PolicyObject[] =>
  objects.filter(({ origin }) => origin?.set === set)

/** Where an object comes from, in words. */
export const originWords = (origin: ObjectOrigin | null): string =>
  origin === null ? 'made by hand' : `set ${origin.set}${origin.source === null ? '' : ` (${origin.source})`}`

/** The revision in force with its objects; undefined before the first change. */
export const readHead = async (
  client: AuthctlClient,
  namespace: string | undefined,
): Promise<FullRevision | undefined> => {
  const { items } = await client.policies.revisions({ namespace, limit: 1 })
  const [head] = items
  return head === undefined ? undefined : readRevision(client, head.id, namespace)
}
