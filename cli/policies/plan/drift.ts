import { objectKey, objectText, type PolicyObject } from '../../../policies/plan/index.ts'

/** How an object of the checkout and of the server differ, seen from what was applied the last time. */
export const DRIFT = ['here', 'there', 'both', 'only-there'] as const
/** One of {@link DRIFT}. */
export type Drift = (typeof DRIFT)[number]

/** An object that is not the same here and there. */
export interface Drifted {
  readonly drift: Drift
  readonly kind: PolicyObject['kind']
  readonly name: string
  /** What happened to it, as words: `changed here`, `deleted there`. */
  readonly what: string
}

/** The objects of a set in three states. */
export interface ThreeStates {
  readonly set: string
  /** The files. */
  readonly local: readonly PolicyObject[]
  /** What the set had when it was applied the last time. */
  readonly applied: readonly PolicyObject[]
  /** What is in force. */
  readonly live: readonly PolicyObject[]
}

type ByKey = ReadonlyMap<string, PolicyObject>

const byKey = (objects: readonly PolicyObject[]): ByKey =>
  new Map(objects.map((each) => [objectKey(each), each]))

const verbOf = (before: PolicyObject | undefined, after: PolicyObject | undefined): string | undefined => {
  if (before === undefined) return after === undefined ? undefined : 'new'
  if (after === undefined) return 'deleted'
  return objectText(before) === objectText(after) ? undefined : 'changed'
}

const isSame = (a: PolicyObject | undefined, b: PolicyObject | undefined): boolean =>
  verbOf(a, b) === undefined

/**
 * What comes with authctl: each role has its managed policy at the root, before anybody has attached
 * anything.
 */
const isInitial = (object: PolicyObject): boolean =>
  object.kind === 'attachment' &&
  object.origin === null &&
  object.value.boundary === undefined &&
  [object.value.policies ?? []].flat().every((name) => name.startsWith('authctl:'))

/**
 * What differs between the files of a set and the server, in four classes: changed here, changed there by
 * somebody else, changed on both sides, and what is only there: made by hand, in no set. Objects of other
 * sets are none of it.
 */
export const driftOf = ({ set, local, applied, live }: ThreeStates): Drifted[] => {
  const [here, before] = [byKey(local), byKey(applied)]
  const isOurs = (object: PolicyObject): boolean =>
    object.origin?.set === set ||
    (object.kind !== 'attachment' && (here.has(objectKey(object)) || before.has(objectKey(object))))
  const there = byKey(live.filter(isOurs))
  const keys = [...new Set([...here.keys(), ...before.keys(), ...there.keys()])].sort()
  const own = keys.flatMap((key): Drifted[] => {
    const [mine, old, theirs] = [here.get(key), before.get(key), there.get(key)]
    const object = mine ?? theirs ?? old
    if (object === undefined || isSame(mine, theirs)) return []
    const { kind, name } = object
    const [byUs, byThem] = [verbOf(old, mine), verbOf(old, theirs)]
    const what = [
      ...(byUs === undefined ? [] : [`${byUs} here`]),
      ...(byThem === undefined ? [] : [`${byThem} there`]),
    ].join(', ')
    const drift = byUs === undefined ? 'there' : byThem === undefined ? 'here' : 'both'
    return [{ drift, kind, name, what }]
  })
  const foreign = live
    .filter((each) => each.origin === null && !there.has(objectKey(each)) && !isInitial(each))
    .map(({ kind, name }): Drifted => ({ drift: 'only-there', kind, name, what: 'made by hand, in no set' }))
  return [...own, ...foreign]
}
