import { listOf } from '../engine/condition.ts'
import type {
  Attachment,
  ConditionBlock,
  Invariant,
  PolicyDocument,
  Scalar,
  Selector,
  Service,
  Statement,
} from '../language.ts'
import { INVARIANT_KINDS } from '../language.ts'
import type { ObjectKind, PolicyObject } from './types.ts'

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** A list as a set: each value once, in one order. */
const asSet = (values: Scalar | readonly Scalar[]): string[] =>
  [...new Set(listOf<Scalar>(values).map(String))].sort(byText)

const sorted = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.fromEntries([...entries].sort(([a], [b]) => byText(a, b)))

const sameConditions = (block: ConditionBlock): object =>
  sorted(
    Object.entries(block).map(
      ([operator, keys]) =>
        [operator, sorted(Object.entries(keys).map(([key, values]) => [key, asSet(values)]))] as const,
    ),
  )

/**
 * A statement in the one form that all texts of the same meaning have: lists as sets, `"x"` as `["x"]`,
 * numbers and booleans of conditions as their text, keys in one order.
 */
export const canonicalStatement = ({ Sid, Effect, Condition, ...elements }: Statement): object => ({
  ...(Sid === undefined ? {} : { Sid }),
  Effect,
  ...sorted(
    Object.entries(elements).flatMap(([name, values]) =>
      values === undefined ? [] : [[name, asSet(values)] as const],
    ),
  ),
  ...(Condition === undefined || Object.keys(Condition).length === 0
    ? {}
    : { Condition: sameConditions(Condition) }),
})

const canonicalDocument = ({ Version, Id, Description, Statement }: PolicyDocument): object => ({
  Version,
  Id,
  ...(Description === undefined ? {} : { Description }),
  Statement: asSet(Statement.map((each) => JSON.stringify(canonicalStatement(each)))),
})

/** The elements of a declaration; what is not marked is as if nothing was said of it. */
const elementsOf = (more: object): Record<string, unknown> =>
  sorted(
    Object.entries(more)
      .filter(([name, value]) => !((name === 'sensitive' || name === 'private') && value === false))
      .map(([name, value]: [string, unknown]) => [
        name,
        name === 'private' && value !== true ? asSet(value as string | readonly string[]) : value,
      ]),
  )

/** Key order and the order of lists mean nothing in a service, and an empty part is none. */
const canonicalService = ({
  service,
  description,
  actions,
  resource_types,
  context_keys = {},
}: Service): object => ({
  service,
  description: description ?? null,
  actions: sorted(
    Object.entries(actions).map(([verb, { resources, keys = [], ...more }]) => [
      verb,
      { resources: asSet(resources), keys: asSet(keys), ...elementsOf(more) },
    ]),
  ),
  resource_types: sorted(Object.entries(resource_types).map(([type, more]) => [type, elementsOf(more)])),
  context_keys: sorted(Object.entries(context_keys).map(([key, more]) => [key, elementsOf(more)])),
})

const canonicalSelector = ({ id, username, role, attributes = {} }: Selector): string =>
  [
    ...Object.entries({ id, username, role }).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${value}`],
    ),
    ...asSet(Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(String(value))}`)),
  ].join(' ')

/** Whom an attachment selects, in words: `role=client tier="gold"`. */
export const selectorText = canonicalSelector

const canonicalAttachment = ({ to, policies = [], boundary }: Attachment): object => ({
  to: canonicalSelector(to),
  policies: asSet(policies),
  boundary: boundary ?? null,
})

const canonicalInvariant = ({ invariant, description, needsApproval, ...rules }: Invariant): object => ({
  invariant,
  description: description ?? null,
  ...(needsApproval && { needsApproval: asSet(needsApproval.objects) }),
  ...sorted(
    INVARIANT_KINDS.flatMap((kind) => {
      const { to, ...requests } = rules[kind] ?? {}
      if (rules[kind] === undefined) return []
      const selectors = to === undefined ? [] : listOf<Selector>(to).map(canonicalSelector)
      const named = canonicalStatement({ Effect: 'Allow', ...requests })
      return [[kind, { to: asSet(selectors), ...named }] as const]
    }),
  ),
})

/** The values of each kind of object. */
interface Values {
  readonly service: Service
  readonly document: PolicyDocument
  readonly attachment: Attachment
  readonly invariant: Invariant
}

const FORMS: { readonly [K in ObjectKind]: (value: Values[K]) => object } = {
  service: canonicalService,
  document: canonicalDocument,
  attachment: canonicalAttachment,
  invariant: canonicalInvariant,
}

/** It is made once for values that live long, such as those in force. */
const texts = new WeakMap<object, string>()

/** A text that two objects of a kind share exactly when they mean the same. Values must not change. */
export const canonicalText = <K extends ObjectKind>(kind: K, value: Values[K]): string => {
  const known = texts.get(value)
  if (known !== undefined) return known
  const text = JSON.stringify(FORMS[kind](value))
  texts.set(value, text)
  return text
}

/** The text of an object, whatever its kind. */
export const objectText = (object: PolicyObject): string => {
  switch (object.kind) {
    case 'service':
      return canonicalText('service', object.value)
    case 'document':
      return canonicalText('document', object.value)
    case 'attachment':
      return canonicalText('attachment', object.value)
    case 'invariant':
      return canonicalText('invariant', object.value)
  }
}
