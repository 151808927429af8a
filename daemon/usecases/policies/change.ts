import type { Attachment, Invariant, PolicyDocument, Service } from '../../../policies/index.ts'
import type { ObjectOrigin } from '../../../policies/plan/index.ts'
import type { Namespace, OwnedNamespace, PolicySnapshot, RevisionMade } from '../../domain/policy-snapshot.ts'
import type { RequestOrigin } from '../../domain/request-origin.ts'
import type { Principal } from '../../domain/session.ts'
import type { PendingChange } from './guards.ts'
import type { Draft } from './revisions.ts'

/** Something that is put, with where its statements were written. */
export interface Put<T> {
  readonly value: T
  readonly writtenAt?: readonly string[]
  /** The set that owns it, null for none. Left out by single requests: then whose it is stays. */
  readonly origin?: ObjectOrigin | null
}

/** What is put (or, with null, taken out) by name, and the attachments if they are replaced. */
export interface NamespaceChange {
  readonly policies?: Readonly<Record<string, Put<PolicyDocument> | null>>
  readonly services?: Readonly<Record<string, Put<Service> | null>>
  readonly invariants?: Readonly<Record<string, Put<Invariant> | null>>
  readonly attachments?: readonly Attachment[]
  /** The sets that own them, in the same order. Left out by single requests: then whose they are stays. */
  readonly attachmentOrigins?: readonly (ObjectOrigin | null)[]
}

/** Who changes which namespace, and what the audit says of it. */
export interface Editing {
  readonly principal: Principal
  readonly namespace: OwnedNamespace
  readonly origin: RequestOrigin
  /** What the audit calls it, and what it is about. */
  readonly event: string
  readonly about: string
  readonly made?: RevisionMade
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
export type Change<T> = (base: Namespace, snapshot: PolicySnapshot) => ChangeWith<T> | Promise<ChangeWith<T>>

type ChangeWith<T> = NamespaceChange & { readonly result: T }

/** What a change would make, before anything is written. */
export type PreparedChange<T> = {
  readonly result: T
  readonly base: Namespace
  /** The policies in force. */
  readonly before: PolicySnapshot
} & (
  | { readonly draft: Draft; readonly pending: PendingChange }
  /** It would say the same. */
  | { readonly draft: undefined; readonly pending: undefined }
)

/** Prepares a change and writes nothing. */
export type PrepareChange = <T>(editing: Editing, change: Change<T>) => Promise<PreparedChange<T>>

/** Refuses what was prepared by throwing. */
export type Judge<T> = (prepared: PreparedChange<T>) => Promise<void> | void

/**
 * Makes a change. When this resolves, it is durable and in force on this daemon; on the others within a
 * second.
 */
export type EditNamespace = <T>(
  editing: Editing,
  change: Change<T>,
  /** In place of the checks of a single change. */
  judge?: Judge<T>,
) => Promise<Edited<T>>
