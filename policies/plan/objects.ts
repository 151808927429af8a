import type { Attachment } from '../language.ts'
import { canonicalText, objectText, selectorText } from './canonical.ts'
import type { ChangeVerb, Conflict, ObjectChange, ObjectKind, ObjectOrigin, PolicyObject } from './types.ts'

/** Whose objects a change is about. */
export interface Reach {
  /** The set whose files these are; null: all objects of the namespace, of every set. */
  readonly set: string | null
  /** Whether what is not wanted any more goes. */
  readonly prune: boolean
  /** Objects of others that the set takes over, as `kind/name`. */
  readonly adopt: ReadonlySet<string>
  /** What stays, though it would go otherwise. Default: nothing. */
  readonly spare?: undefined | ((left: readonly PolicyObject[]) => ReadonlySet<PolicyObject>)
}

/** What is between two states, and what stands in the way. */
export interface ObjectDiff {
  /** Without the statements. */
  readonly changes: readonly Omit<ObjectChange, 'statements'>[]
  readonly conflicts: readonly Conflict[]
  /** Objects of the set that are not wanted any more, and stay. */
  readonly spared: readonly PolicyObject[]
  /** Those of them that stay though others go. */
  readonly inUse: ReadonlySet<PolicyObject>
}

type AnyAttachment = Extract<PolicyObject, { kind: 'attachment' }>

const ownerOf = ({ origin }: Pick<PolicyObject, 'origin'>): string | null => origin?.set ?? null

/**
 * Attachments under names: whom they select, and a number for the further ones of the same owner. Several
 * with the same selector are in the order of their content, so that their order in a file means nothing.
 */
export const namedAttachments = (
  entries: readonly { readonly value: Attachment; readonly origin: ObjectOrigin | null }[],
): AnyAttachment[] => {
  const counts = new Map<string, number>()
  return entries
    .map((entry) => ({ ...entry, text: canonicalText('attachment', entry.value) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value, origin }): AnyAttachment => {
      const selector = selectorText(value.to)
      const key = `${ownerOf({ origin }) ?? ''}\n${selector}`
      const count = (counts.get(key) ?? 0) + 1
      counts.set(key, count)
      return { kind: 'attachment', name: count === 1 ? selector : `${selector} #${count}`, value, origin }
    })
}

/** How an object is named on the command line and in lists: `document/shop-reader`. */
export const objectKey = ({ kind, name }: { kind: ObjectKind; name: string }): string => `${kind}/${name}`

/** Attachments of several owners stand side by side; of other objects a namespace has one of a name. */
const placeOf = (object: PolicyObject): string =>
  object.kind === 'attachment' ? `${objectKey(object)}\n${ownerOf(object) ?? ''}` : objectKey(object)

const changeOf = (
  verb: ChangeVerb,
  { before, after, set }: { before?: PolicyObject | undefined; after?: PolicyObject; set: string | null },
): Omit<ObjectChange, 'statements'> => {
  const { kind, name } = after ?? before ?? { kind: 'document' as const, name: '' }
  const owner = before === undefined ? null : ownerOf(before)
  return {
    kind,
    name,
    verb,
    before: before?.value ?? null,
    after: after?.value ?? null,
    owner,
    adopts: verb === 'update' && set !== null && owner !== set,
    source: (after ?? before)?.origin?.source ?? null,
  }
}

/** The objects of a state by what they are looked for. */
interface Present {
  readonly byPlace: ReadonlyMap<string, PolicyObject>
  /** Attachments of all owners that have one name. */
  readonly attachments: ReadonlyMap<string, readonly PolicyObject[]>
}

const presentOf = (base: readonly PolicyObject[]): Present => {
  const attachments = base.filter(({ kind }) => kind === 'attachment')
  return {
    byPlace: new Map(base.map((object) => [placeOf(object), object])),
    attachments: Map.groupBy(attachments, ({ name }) => name),
  }
}

/** What an object that is wanted meets: the one that it replaces, or one that is in its way. */
const present = (
  { byPlace, attachments }: Present,
  wanted: PolicyObject,
  { set, adopt }: Reach,
): { replaced?: PolicyObject; obstacle?: PolicyObject } => {
  const own = byPlace.get(placeOf(wanted))
  if (own !== undefined && (set === null || ownerOf(own) === set)) return { replaced: own }
  const isAdopted = adopt.has(objectKey(wanted))
  if (wanted.kind !== 'attachment') {
    if (own === undefined) return {}
    return isAdopted ? { replaced: own } : { obstacle: own }
  }
  const others = (attachments.get(wanted.name) ?? []).filter((each) => ownerOf(each) !== set)
  const [other] = others.toSorted((a, b) => ((ownerOf(a) ?? '') < (ownerOf(b) ?? '') ? -1 : 1))
  if (other === undefined || set === null) return {}
  if (isAdopted) return { replaced: other }
  const twin = others.find((each) => ownerOf(each) === null && objectText(each) === objectText(wanted))
  return twin === undefined ? {} : { obstacle: twin }
}

/**
 * What changes when a set is applied to a state: its own objects, those that are new, and those that it takes
 * over by name. The same meaning in other words is no change. A foreign or hand-made object of the same name
 * is a conflict; attachments of others are left beside the own ones, but one that was made by hand and says
 * the same is a conflict too.
 */
export const diffObjects = (
  base: readonly PolicyObject[],
  desired: readonly PolicyObject[],
  reach: Reach,
): ObjectDiff => {
  const { set } = reach
  const standing = presentOf(base)
  const changes: Omit<ObjectChange, 'statements'>[] = []
  const conflicts: Conflict[] = []
  const met = new Set<PolicyObject>()
  for (const wanted of desired) {
    const { replaced, obstacle } = present(standing, wanted, reach)
    if (obstacle !== undefined) {
      const { kind, name, origin } = obstacle
      conflicts.push({ kind, name, owner: origin?.set ?? null, source: origin?.source ?? null })
      met.add(obstacle)
      continue
    }
    if (replaced === undefined) {
      changes.push(changeOf('create', { after: wanted, set }))
      continue
    }
    met.add(replaced)
    if (objectText(replaced) === objectText(wanted) && ownerOf(replaced) === ownerOf(wanted)) continue
    changes.push(changeOf('update', { before: replaced, after: wanted, set }))
  }
  const left = base.filter((each) => !met.has(each) && (set === null || ownerOf(each) === set))
  if (!reach.prune) return { changes, conflicts, spared: left, inUse: new Set() }
  const inUse = reach.spare?.(left) ?? new Set()
  const gone = left.filter((each) => !inUse.has(each))
  changes.push(...gone.map((before) => changeOf('delete', { before, set })))
  return { changes, conflicts, spared: [...inUse], inUse }
}
