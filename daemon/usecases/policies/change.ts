import type { Attachment, PolicyDocument, Service } from '../../../policies/index.ts'
import type { Namespace, OwnedNamespace, PolicySnapshot } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'

/** Something that is put, with where its statements were written. */
export interface Put<T> {
  readonly value: T
  readonly writtenAt?: readonly string[]
}

/** What is put (or, with null, taken out) by name, and the attachments if they are replaced. */
export interface NamespaceChange {
  readonly policies?: Readonly<Record<string, Put<PolicyDocument> | null>>
  readonly services?: Readonly<Record<string, Put<Service> | null>>
  readonly attachments?: readonly Attachment[]
}

/** Who changes which namespace, and what the audit says of it. */
export interface Editing {
  readonly principal: Principal
  readonly namespace: OwnedNamespace
  readonly origin: RequestOrigin
  /** What the audit calls it, and what it is about. */
  readonly event: string
  readonly about: string
}

/** What came of an edit: the policies as they are with it, and whether that is another state than before. */
export interface Edited<T> {
  readonly result: T
  readonly snapshot: PolicySnapshot
  readonly isChanged: boolean
}

/**
 * Answers what is to change, given what is in force, and refuses by throwing. It is asked again when another
 * daemon was faster.
 */
export type Change<T> = (
  base: Namespace,
  snapshot: PolicySnapshot,
) => NamespaceChange & { readonly result: T }

/**
 * Makes a change. When this resolves, it is durable and in force on this daemon; on the others within a
 * second.
 */
export type EditNamespace = <T>(editing: Editing, change: Change<T>) => Promise<Edited<T>>
