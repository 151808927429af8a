import type { Attachment, PolicyDocument, Service } from '../../../policies/index.ts'
import {
  canonicalText,
  diffObjects,
  namedAttachments,
  type ObjectDiff,
  type ObjectOrigin,
  type PolicyObject,
  type Reach,
} from '../../../policies/plan/index.ts'
import type { Namespace } from '../../domain/policy-snapshot.ts'
import type { Breathe } from '../breather.ts'
import type { NamespaceChange, Put } from './change.ts'

/** Everything of a namespace, object by object. */
export const objectsOf = ({ revision, services, policies }: Namespace): PolicyObject[] => [
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
]

/** The text that two objects share which mean the same. */
export const textOf = (object: PolicyObject): string => {
  if (object.kind === 'document') return canonicalText('document', object.value)
  return object.kind === 'service'
    ? canonicalText('service', object.value)
    : canonicalText('attachment', object.value)
}

/** The same as {@link diffObjects}, of which the long part is done in pieces. */
export const compareObjects = async (
  base: readonly PolicyObject[],
  desired: readonly PolicyObject[],
  { reach, breathe }: { reach: Reach; breathe: Breathe },
): Promise<ObjectDiff> => {
  for (const object of [...base, ...desired]) {
    textOf(object)
    await breathe()
  }
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

/** The change of a namespace that a difference of objects makes. */
export const changeOf = (wanted: Wanted): NamespaceChange => {
  const byValue = new Map<object, PolicyObject>(wanted.desired.map((object) => [object.value, object]))
  const originOf = (value: object): ObjectOrigin | null => byValue.get(value)?.origin ?? null
  const policies: Record<string, Put<PolicyDocument> | null> = {}
  const services: Record<string, Put<Service> | null> = {}
  for (const { kind, name, after } of wanted.diff.changes) {
    const object = after === null ? undefined : byValue.get(after)
    if (kind === 'service')
      services[name] = object?.kind === 'service' ? { value: object.value, origin: object.origin } : null
    if (kind === 'document')
      policies[name] =
        object?.kind === 'document'
          ? {
              value: object.value,
              origin: object.origin,
              ...(object.statements_at && { writtenAt: object.statements_at }),
            }
          : null
  }
  return { policies, services, ...attachmentsOf(wanted, originOf) }
}
