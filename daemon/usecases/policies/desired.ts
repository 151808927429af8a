import type { Service } from '../../../policies/index.ts'
import { OWN_SERVICES } from '../../../policies/index.ts'
import {
  objectKey,
  type ObjectOrigin,
  type PlanOrder,
  type PolicyObject,
} from '../../../policies/plan/index.ts'
import {
  lintSetInSteps,
  type PolicySet,
  type SetFile,
  validateSetInSteps,
} from '../../../policies/set/index.ts'
import { createSuggestionBudget, nearest } from '../../../policies/text/nearest.ts'
import type { Diagnostic } from '../../../policies/validate/index.ts'
import { Failure } from '../../domain/failure.ts'
import { loadPart } from '../../domain/part.ts'
import {
  fullName,
  splitName,
  type Namespace,
  type OwnedNamespace,
  type PolicySnapshot,
} from '../../domain/policy-snapshot.ts'
import { inPieces, inTurns } from '../breather.ts'
import { fieldErrorsOf } from './diagnostic-errors.ts'
import { nameAttachments } from './objects.ts'

/** A set as it was sent, and where it is to stand. */
export interface SentSet {
  readonly order: PlanOrder
  readonly files: readonly SetFile[]
  readonly home: OwnedNamespace
  readonly actorId: string
}

/** One document at a time: a few milliseconds. */
const MAX_COMPARISONS = 100_000
const MAX_WARNINGS = 1000
/** An answer is no longer than a person reads. */
const MAX_UNKNOWN = 100

const IS_YAML = /\.ya?ml$/

const isOwned = (origin: ObjectOrigin | undefined, { set, prune }: PlanOrder): boolean =>
  prune && origin?.set === set

/** Services that are declared above, with those of the daemon. */
export const servicesAbove = (snapshot: PolicySnapshot, { above }: OwnedNamespace): Service[] => [
  ...OWN_SERVICES,
  ...above.flatMap((name) =>
    [...(snapshot.namespaces.get(name)?.services.values() ?? [])].map(({ service }) => service),
  ),
]

/**
 * The services that the files may name and do not declare: the daemon's, those above, and what stays here.
 */
const servicesAround = (base: Namespace, snapshot: PolicySnapshot, { order, home }: SentSet): Service[] => [
  ...servicesAbove(snapshot, home),
  ...[...base.services.values()].flatMap(({ service, origin }) => (isOwned(origin, order) ? [] : [service])),
]

/** What attachments may name and the files do not have: policies above, and what stays here. */
const attachableAround =
  (base: Namespace, snapshot: PolicySnapshot, { order, home }: SentSet) =>
  (written: string): boolean => {
    const { namespace, name } = splitName(fullName(written, home.name))
    if (namespace === home.name) {
      const present = base.policies.get(name)
      return present !== undefined && !isOwned(present.origin, order)
    }
    return namespace !== undefined && home.above.includes(namespace)
      ? snapshot.find(`${namespace}/${name}`) !== undefined
      : false
  }

/** What is written as YAML, with what reads it; that is loaded when it is needed. */
const readable = async (files: readonly SetFile[]): Promise<readonly SetFile[]> => {
  if (!files.some(({ path }) => IS_YAML.test(path))) return files
  const { parseYaml: parse } = await loadPart(() => import('../../../policies/yaml/index.ts'))
  return files.map((file) => (IS_YAML.test(file.path) ? { ...file, parse } : file))
}

const readSet = async (base: Namespace, snapshot: PolicySnapshot, sent: SentSet): Promise<PolicySet> => {
  const around = {
    own: servicesAround(base, snapshot, sent),
    attachable: attachableAround(base, snapshot, sent),
  }
  return inPieces(validateSetInSteps(await readable(sent.files), around))
}

/** What a plan warns of: what is legal in the files and probably not meant. `now` in epoch milliseconds. */
export const warningsOf = async (set: PolicySet, now: number): Promise<Diagnostic[]> =>
  (await inPieces(lintSetInSteps(set, { now, comparisons: MAX_COMPARISONS }))).slice(0, MAX_WARNINGS)

const requireNamed = ({ name }: PolicySet, { set }: PlanOrder): void => {
  if (name === set) return
  const detail = `authctl.json names the set ${name ?? ''}, but it is sent as ${set ?? ''}.`
  throw new Failure('policy_invalid', { errors: [{ pointer: 'authctl.json:1:1', code: 'E_VALUE', detail }] })
}

/**
 * What is taken over is an object of the files: another name takes over nothing. One that the set owns
 * already, or that nobody has, may be named.
 */
const requireAdoptable = (objects: readonly PolicyObject[], { adopt }: PlanOrder): void => {
  const names = new Set(objects.map(objectKey))
  const budget = createSuggestionBudget()
  const errors = adopt.flatMap((name, index) => {
    if (names.has(name)) return []
    const near = nearest(name, names, { budget })
    const hint = near === undefined ? '' : ` Did you mean ${near}?`
    return [
      {
        pointer: `/adopt/${index}`,
        code: 'unknown_object',
        detail: `The files have no ${name}, so that there is nothing to take over.${hint}`,
      },
    ]
  })
  if (errors.length > 0) throw new Failure('invalid_request', { errors: errors.slice(0, MAX_UNKNOWN) })
}

/**
 * The objects that a set wants, as they would stand after the revision in force. Throws `policy_invalid` with
 * every diagnostic, and `invalid_request` with every name in `adopt` that no object of the files has.
 */
export const desiredObjects = async (
  base: Namespace,
  snapshot: PolicySnapshot,
  sent: SentSet,
): Promise<{ objects: PolicyObject[]; set: PolicySet }> => {
  const set = await readSet(base, snapshot, sent)
  const errors = set.diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Failure('policy_invalid', { errors: fieldErrorsOf(errors) })
  const { order } = sent
  requireNamed(set, order)
  const prefix = order.directory === '.' ? '' : `${order.directory}/`
  const origin = {
    set: order.set ?? '',
    commit: order.commit,
    dirty: order.dirty,
    actor: sent.actorId,
    revision: base.revision.number + 1,
  }
  const from = (place: string | undefined): ObjectOrigin => ({
    ...origin,
    source: place === undefined ? null : prefix + place,
  })
  const objects: PolicyObject[] = [
    ...set.services.map((value, index): PolicyObject => ({
      kind: 'service',
      name: value.service,
      value,
      origin: from(set.places.services[index]),
    })),
    ...(await inTurns(set.documents, ({ document, file, namedAt, writtenAt }): PolicyObject => ({
      kind: 'document',
      name: document.Id,
      value: document,
      origin: from(`${file}:${namedAt.line}:${namedAt.column}`),
      statements_at: writtenAt.map((place) => prefix + place),
    }))),
    ...(await nameAttachments(
      set.attachments.map((value, index) => ({ value, origin: from(set.places.attachments[index]) })),
    )),
    ...set.invariants.map(({ invariant, file, namedAt }): PolicyObject => ({
      kind: 'invariant',
      name: invariant.invariant,
      value: invariant,
      origin: from(`${file}:${namedAt.line}:${namedAt.column}`),
    })),
  ]
  requireAdoptable(objects, order)
  return { objects, set }
}
