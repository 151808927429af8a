import type { Invariant, PolicyDocument, Service } from '../../../policies/index.ts'
import type { PolicyObject } from '../../../policies/plan/index.ts'
import { notFound } from '../../domain/failure.ts'
import type { Listed, Revision, RevisionMade } from '../../domain/policy-snapshot.ts'
import type { PolicyStore } from '../../ports/stores/index.ts'
import { createBreather } from '../breather.ts'
import { nameAttachments } from './objects.ts'

/** A revision without what is in it. */
export interface RevisionRecord {
  readonly id: string
  readonly number: number
  readonly namespace: string
  readonly parent: string | null
  readonly createdAt: number
  readonly actorId: string | null
  /** Undefined: a single request made it. */
  readonly made: RevisionMade | undefined
  readonly isHead: boolean
  readonly services: number
  readonly documents: number
  readonly attachments: number
  readonly invariants: number
}

/** A revision under its id. */
export interface StoredRevision {
  readonly id: string
  readonly revision: Revision
}

/** What a list says of a revision; `head` is the one in force. */
export const recordOf = (
  { id, revision }: StoredRevision,
  head: string | null | undefined,
): RevisionRecord => ({
  id,
  number: revision.number,
  namespace: revision.namespace,
  parent: revision.parent,
  createdAt: revision.createdAt,
  actorId: revision.actorId,
  made: revision.made,
  isHead: id === head,
  services: Object.keys(revision.services).length,
  documents: Object.keys(revision.policies).length,
  attachments: revision.attachments.length,
  invariants: Object.keys(revision.invariants ?? {}).length,
})

/** One revision by its id, whatever namespace it is of. */
const readRevision = async (store: PolicyStore, id: string): Promise<Revision | undefined> => {
  const [text] = await store.read([id])
  return text === undefined ? undefined : (JSON.parse(text.content) as Revision)
}

/** The revisions from one on, back to the oldest that is kept. */
export async function* revisionsFrom(
  store: PolicyStore,
  from: string | null,
): AsyncGenerator<StoredRevision> {
  const breathe = createBreather()
  for (let id = from; id !== null;) {
    await breathe()
    const revision = await readRevision(store, id)
    if (revision === undefined) return
    yield { id, revision }
    id = revision.parent
  }
}

/** The revision of a number, at or before another; undefined where it is not kept. */
const atOrBefore = async (
  store: PolicyStore,
  { from, number }: { from: string; number: number },
): Promise<StoredRevision | undefined> => {
  const breathe = createBreather()
  for (let id: string | null = from; id !== null;) {
    await breathe()
    const revision: Revision | undefined = await readRevision(store, id)
    if (revision === undefined || revision.number < number) return undefined
    if (revision.number === number) return { id, revision }
    const landmark = revision.landmarks?.findLast((each) => each.number >= number)
    id = landmark?.id ?? revision.parent
  }
  return undefined
}

/**
 * The revision of a name, its id or its number, among those that were in force, back from `from`: what
 * another writer has stored and never put in force is not there. Throws `not_found`.
 */
export const findRevision = async (
  store: PolicyStore,
  from: string | null,
  name: string,
): Promise<StoredRevision> => {
  const number = /^\d{1,15}$/.test(name) ? Number(name) : (await readRevision(store, name))?.number
  if (from === null || number === undefined) return notFound()
  const found = await atOrBefore(store, { from, number })
  if (found === undefined) return notFound()
  const names: readonly string[] = [found.id, String(found.revision.number)]
  return names.includes(name) ? found : notFound()
}

const TEXTS_PER_READ = 100

const readTexts = async (store: PolicyStore, hashes: readonly string[]): Promise<Map<string, unknown>> => {
  const breathe = createBreather()
  const values = new Map<string, unknown>()
  for (let at = 0; at < hashes.length; at += TEXTS_PER_READ) {
    for (const { hash, content } of await store.read(hashes.slice(at, at + TEXTS_PER_READ))) {
      await breathe()
      values.set(hash, JSON.parse(content))
    }
  }
  return values
}

/** The texts that a revision lists. */
export const hashesOf = ({ policies, services, invariants = {} }: Revision): string[] => [
  ...new Set([policies, services, invariants].flatMap(Object.values<Listed>).map(({ hash }) => hash)),
]

/** Everything that a revision lists, object by object. */
export const readObjects = async (store: PolicyStore, revision: Revision): Promise<PolicyObject[]> => {
  const values = await readTexts(store, hashesOf(revision))
  const valueOf = <T>({ hash }: Listed): T => {
    const value = values.get(hash)
    if (value === undefined) throw new Error(`${revision.namespace}: the text ${hash} is missing`)
    return value as T
  }
  return [
    ...Object.entries(revision.services).map(([name, listed]): PolicyObject => ({
      kind: 'service',
      name,
      value: valueOf<Service>(listed),
      origin: listed.origin ?? null,
    })),
    ...Object.entries(revision.policies).map(([name, listed]): PolicyObject => ({
      kind: 'document',
      name,
      value: valueOf<PolicyDocument>(listed),
      origin: listed.origin ?? null,
      ...(listed.writtenAt && { statements_at: listed.writtenAt }),
    })),
    ...(await nameAttachments(
      revision.attachments.map((value, index) => ({
        value,
        origin: revision.attachmentOrigins?.[index] ?? null,
      })),
    )),
    ...Object.entries(revision.invariants ?? {}).map(([name, listed]): PolicyObject => ({
      kind: 'invariant',
      name,
      value: valueOf<Invariant>(listed),
      origin: listed.origin ?? null,
    })),
  ]
}
