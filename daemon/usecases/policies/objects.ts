import type { Attachment } from '../../../policies/index.ts'
import {
  canonicalText,
  diffObjects,
  namedAttachments,
  objectText,
  type ObjectDiff,
  type ObjectOrigin,
  type PolicyObject,
  type Reach,
} from '../../../policies/plan/index.ts'
import type { Namespace } from '../../domain/policy-snapshot.ts'
import { createBreather, inTurns } from '../breather.ts'
import type { NamespaceChange, Put } from './change.ts'

/** Everything of a namespace, object by object. */
export const objectsOf = ({ revision, services, policies, invariants }: Namespace): PolicyObject[] => [
  ...[...services].map(([name, { service, origin = null }]): PolicyObject => ({
    kind: 'service',
    name,
    value: service,
    origin,
  })),
  ...[...policies].map(([name, { document, writtenAt, origin = null }]): PolicyObject => ({
    kind: 'document',
    name,
    value: document,
    origin,
    ...(writtenAt && { statements_at: writtenAt }),
  })),
  ...namedAttachments(
    revision.attachments.map((value, index) => ({
      value,
      origin: revision.attachmentOrigins?.[index] ?? null,
    })),
  ),
  ...[...invariants].map(([name, { invariant, origin = null }]): PolicyObject => ({
    kind: 'invariant',
    name,
    value: invariant,
    origin,
  })),
]

/** The same as {@link namedAttachments}; others are served meanwhile. */
export const nameAttachments = async (
  ...[entries]: Parameters<typeof namedAttachments>
): Promise<PolicyObject[]> => {
  // A text that was made once is at hand.
  await inTurns(entries, ({ value }) => canonicalText('attachment', value))
  return namedAttachments(entries)
}

/** The same as {@link diffObjects}; others are served meanwhile. */
export const compareObjects = async (
  base: readonly PolicyObject[],
  desired: readonly PolicyObject[],
  reach: Reach,
): Promise<ObjectDiff> => {
  await inTurns([...base, ...desired], objectText)
  return diffObjects(base, desired, reach)
}

interface Wanted {
  readonly base: Namespace
  readonly diff: ObjectDiff
  readonly desired: readonly PolicyObject[]
}

const attachmentsOf = (
  { base, diff }: Wanted,
  originOf: (value: object) => ObjectOrigin | null,
): Pick<NamespaceChange, 'attachments' | 'attachmentOrigins'> => {
  const changes = diff.changes.filter(({ kind }) => kind === 'attachment')
  if (changes.length === 0) return {}
  const replaced = new Map(changes.map(({ before, after }) => [before, after]))
  const { attachments, attachmentOrigins = [] } = base.revision
  const kept = attachments.flatMap((value, index): [Attachment, ObjectOrigin | null][] => {
    const after = replaced.get(value)
    if (after === undefined) return [[value, attachmentOrigins[index] ?? null]]
    return after === null ? [] : [[after as Attachment, originOf(after)]]
  })
  const added = changes.flatMap(({ verb, after }): [Attachment, ObjectOrigin | null][] =>
    verb === 'create' && after !== null ? [[after as Attachment, originOf(after)]] : [],
  )
  const all = [...kept, ...added]
  return {
    attachments: all.map(([value]) => value),
    attachmentOrigins: all.map(([, origin]) => origin),
  }
}

type Filed = Exclude<PolicyObject, { kind: 'attachment' }>

const putOf = (object: Filed): Put<Filed['value']> => ({
  value: object.value,
  origin: object.origin,
  ...(object.kind === 'document' && object.statements_at && { writtenAt: object.statements_at }),
})

/** The change of a namespace that a difference of objects makes; others are served meanwhile. */
export const changeOf = async (wanted: Wanted): Promise<NamespaceChange> => {
  const breathe = createBreather()
  const byValue = new Map<object, PolicyObject>(wanted.desired.map((object) => [object.value, object]))
  const originOf = (value: object): ObjectOrigin | null => byValue.get(value)?.origin ?? null
  const puts = async <K extends Filed['kind']>(kind: K) => {
    const changes = wanted.diff.changes.filter((change) => change.kind === kind)
    const entries = await inTurns(changes, ({ name, after }) => {
      const object = after === null ? undefined : byValue.get(after)
      const put = object === undefined || object.kind === 'attachment' ? null : putOf(object)
      return [name, put as Put<Extract<Filed, { kind: K }>['value']> | null] as const
    })
    return Object.fromEntries(entries)
  }
  const policies = await puts('document')
  const services = await puts('service')
  const invariants = await puts('invariant')
  await breathe()
  return { policies, services, invariants, ...attachmentsOf(wanted, originOf) }
}
