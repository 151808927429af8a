// SPDX-License-Identifier: LGPL-3.0-or-later
/** What a matching statement says. Deny wins over Allow. */
export type Effect = 'Allow' | 'Deny'

/** A value of a condition as it may stand in JSON; numbers and booleans are read as their text. */
export type Scalar = string | number | boolean

/**
 * Operator → context key → one value or several. All operators and keys must hold; of several values one
 * must.
 */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, Scalar | readonly Scalar[]>>>>

/** One rule: an effect on actions and resources, under conditions. Exactly one of each pair of elements. */
export interface Statement {
  readonly Sid?: string
  readonly Effect: Effect
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Condition?: ConditionBlock
}

/** The version of the language that documents name. */
export const VERSION = 'authctl/1'

/**
 * Raised with every word of the language that an engine without it would pass over: an operator, an element,
 * a key with a meaning. Who decides by documents of a higher number refuses them.
 */
export const LANGUAGE = 1

/** A policy: `Id` is its name inside a namespace. */
export interface PolicyDocument {
  readonly $schema?: string
  readonly Version: typeof VERSION
  readonly Id: string
  readonly Description?: string
  readonly Statement: readonly Statement[]
}

/**
 * The types of context keys; an attribute of an account or a resource may be a string, a number or a boolean.
 */
export const KEY_TYPES = ['string', 'number', 'date', 'bool', 'ip', 'set<string>', 'attribute'] as const
/** One of {@link KEY_TYPES}. */
export type KeyType = (typeof KEY_TYPES)[number]

/** How it is said what a value of each type is. */
export const VALUE_WORDS: Readonly<Record<KeyType, string>> = {
  string: 'a string',
  number: 'a number of at most 15 digits and 6 decimals',
  date: 'an instant such as 2026-01-31T08:00:00Z, or epoch seconds',
  bool: 'true or false',
  ip: 'an IP address',
  'set<string>': 'a list of strings',
  attribute: 'a string, a number, true or false',
}

/** A context key; `always`: every request has it, so that it needs no default and no guard. */
export interface ContextKey {
  readonly type: KeyType
  readonly always: boolean
  /** Its values are never written down: recordings of decisions only say that it was there. */
  readonly private?: boolean
  readonly description?: string
}

/**
 * An action: the resource types that it acts on, and the context keys of its requests beyond the built-in
 * ones.
 */
export interface ActionDeclaration {
  readonly resources: readonly string[]
  readonly keys?: readonly string[]
  /** Not to be granted broadly: lint says where it is. Decisions do not look at it. */
  readonly sensitive?: boolean
  /**
   * The verb of this service that is to be used in its place: the action is deprecated. Decisions do not look
   * at it.
   */
  readonly replaced_by?: string
  readonly description?: string
}

/** A resource type. */
export interface ResourceTypeDeclaration {
  /** Attributes, `resource.NAME`, whose values are never written down. */
  readonly private?: string | readonly string[]
  readonly description?: string
}

/** What one application has to decide: its actions, resource types and context keys. */
export interface Service {
  readonly $schema?: string
  readonly service: string
  readonly description?: string
  readonly actions: Readonly<Record<string, ActionDeclaration>>
  readonly resource_types: Readonly<Record<string, ResourceTypeDeclaration>>
  readonly context_keys?: Readonly<Record<string, ContextKey>>
}

/**
 * Who gets policies: an account by id or username, or all of a role, or those of a role with these
 * attributes.
 */
export interface Selector {
  readonly id?: string
  readonly username?: string
  readonly role?: string
  readonly attributes?: Readonly<Record<string, Scalar>>
}

/**
 * Policies and a boundary for whom the selector selects, by name: `name`, `root/name`, `adm_…/name` or
 * `authctl:Name`.
 * @public
 */
export interface Attachment {
  readonly to: Selector
  readonly policies?: string | readonly string[]
  readonly boundary?: string
}

/** What an invariant is about: requests, as a statement names them, of some accounts. */
export interface InvariantRule extends Pick<
  Statement,
  'Action' | 'NotAction' | 'Resource' | 'NotResource' | 'Condition'
> {
  /** One or several; only `neverGrants` can do without: then it is about everybody. */
  readonly to?: Selector | readonly Selector[]
}

/** The kinds of invariants, which are the names of their elements too. */
export const INVARIANT_KINDS = ['neverGrants', 'alwaysGrants', 'onlyBy'] as const
/** One of {@link INVARIANT_KINDS}. */
export type InvariantKind = (typeof INVARIANT_KINDS)[number]

/**
 * A guard rail: what must hold of the decisions of a namespace whatever its policies say. `neverGrants`: none
 * of these accounts may do any of this; `alwaysGrants`: each of them may do all of it; `onlyBy`: nobody else
 * may do any of it. `needsApproval`: these objects of its namespace are changed by two accounts together. It
 * has exactly one of them.
 */
export interface Invariant extends Partial<Readonly<Record<InvariantKind, InvariantRule>>> {
  readonly $schema?: string
  readonly invariant: string
  readonly description?: string
  readonly needsApproval?: {
    /** As plans name them, with wildcards: `document/billing-*`, `attachment/role=admin*`, or `*`. */
    readonly objects: string | readonly string[]
  }
}

/** The roles that selectors, and principals of tests, can have. */
export const ROLES = ['super-admin', 'admin', 'client', 'sub-client', 'user'] as const

/** What can come of a question. */
export const VERDICTS = ['ALLOW', 'DENY_EXPLICIT', 'DENY_IMPLICIT'] as const
/** One of {@link VERDICTS}: allowed, denied by a Deny, or denied because nothing allows. */
export type Verdict = (typeof VERDICTS)[number]

// Each alone: what decides bundles no others.

/** Policies that one account may have in all. */
export const MAX_POLICIES = 64
/** Boundaries that one account may have. */
export const MAX_BOUNDARIES = 8
/** Resource patterns and condition values that the policies of one account may have in all. */
export const MAX_COMPARISONS = 10_000
/** Keys that a question may say something of. */
export const MAX_CONTEXT_KEYS = 64
/** Characters of one value in a question. */
export const MAX_VALUE_LENGTH = 2048
/** Characters of a resource in a question. */
export const MAX_RESOURCE_LENGTH = 512

/**
 * The bounds of the language: what a document, a namespace and a decision may hold at most. Sizes in bytes or
 * UTF-16 code units.
 */
export const BOUNDS = {
  documentBytes: 65_536,
  testFileBytes: 4_194_304,
  statements: 256,
  patternsPerElement: 512,
  policiesPerPrincipal: 20,
  selectedPoliciesPerPrincipal: MAX_POLICIES,
  boundariesPerPrincipal: MAX_BOUNDARIES,
  comparisonsPerPrincipal: MAX_COMPARISONS,
  ancestors: 8,
  contextKeys: MAX_CONTEXT_KEYS,
  valueBytes: MAX_VALUE_LENGTH,
  policies: 10_000,
  policiesPerNamespace: 1000,
  attachmentsPerNamespace: 500,
  selectorsPerAttachment: 64,
  invariantsPerNamespace: 100,
  selectorsPerInvariant: 64,
  actionsPerNamespace: 4096,
  resourceLength: MAX_RESOURCE_LENGTH,
  patternLength: 512,
  wildcards: 8,
  nesting: 16,
} as const

/** Whether a context key is a fact of an account, which its asker cannot say. */
export const isOfAccount = (key: string): boolean => /^(?:principal|caller)\./.test(key)

/** Context keys that every service has. `*` stands for one name of letters, digits, `_` and `-`. */
export const BUILT_IN_KEYS: Readonly<Record<string, ContextKey>> = {
  'principal.id': { type: 'string', always: true },
  'principal.role': { type: 'string', always: true },
  'principal.path': { type: 'string', always: true },
  'principal.attributes.*': { type: 'attribute', always: false },
  'caller.id': { type: 'string', always: true },
  'caller.role': { type: 'string', always: true },
  'caller.path': { type: 'string', always: true },
  'caller.attributes.*': { type: 'attribute', always: false },
  'resource.*': { type: 'attribute', always: false },
  'request.ip': { type: 'ip', always: false },
  'request.time': { type: 'date', always: true },
  'request.mfa': { type: 'bool', always: false },
}

/** How one condition operator works. */
export interface Operator {
  readonly family: 'string' | 'like' | 'number' | 'date' | 'bool' | 'ip' | 'size' | 'null'
  readonly negated: boolean
  /** The comparison, for the ordered families; of an instant also its time of day, or its day of the week. */
  readonly compare?: 'eq' | 'lt' | 'le' | 'gt' | 'ge' | 'time' | 'weekday'
  /** ASCII letters fold. */
  readonly ignoreCase?: true
}

const positive = (family: Operator['family'], more: Partial<Operator> = {}): Operator => ({
  family,
  negated: false,
  ...more,
})
const negative = (family: Operator['family'], more: Partial<Operator> = {}): Operator => ({
  family,
  negated: true,
  ...more,
})
const ordered = (prefix: string, family: 'number' | 'date' | 'size'): [string, Operator][] => [
  [`${prefix}Equals`, positive(family, { compare: 'eq' })],
  [`${prefix}NotEquals`, negative(family, { compare: 'eq' })],
  [`${prefix}LessThan`, positive(family, { compare: 'lt' })],
  [`${prefix}LessThanEquals`, positive(family, { compare: 'le' })],
  [`${prefix}GreaterThan`, positive(family, { compare: 'gt' })],
  [`${prefix}GreaterThanEquals`, positive(family, { compare: 'ge' })],
]

/** The operators without their `ForAllValues:`/`ForAnyValue:` prefix and `IfExists` suffix. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['StringEquals', positive('string')],
  ['StringNotEquals', negative('string')],
  ['StringEqualsIgnoreCase', positive('string', { ignoreCase: true })],
  ['StringNotEqualsIgnoreCase', negative('string', { ignoreCase: true })],
  ['StringLike', positive('like')],
  ['StringNotLike', negative('like')],
  ...ordered('Numeric', 'number'),
  ...ordered('Date', 'date'),
  ['TimeOfDay', positive('date', { compare: 'time' })],
  ['NotTimeOfDay', negative('date', { compare: 'time' })],
  ['Weekday', positive('date', { compare: 'weekday' })],
  ['NotWeekday', negative('date', { compare: 'weekday' })],
  ['Bool', positive('bool')],
  ['IpAddress', positive('ip')],
  ['NotIpAddress', negative('ip')],
  ...ordered('Size', 'size'),
  ['Null', positive('null')],
])

/** What a local time of an instant can be compared as. */
export type LocalPart = 'time' | 'weekday'

/** The part of the local time that an operator looks at; undefined: it looks at no local time. */
export const localPartOf = ({ compare }: Operator): LocalPart | undefined =>
  compare === 'time' || compare === 'weekday' ? compare : undefined

/** How two values are compared that have an order. */
export type Comparison = Exclude<NonNullable<Operator['compare']>, LocalPart>

/** How an operator treats a key with several values; `one`: the key has one value. */
export type Quantifier = 'one' | 'all' | 'any'

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/

/** Whether an operator looks at a key as a whole, missing or not: it takes neither prefix nor suffix. */
export const isOfWhole = ({ family }: Operator): boolean => family === 'null' || family === 'size'

/** An operator's name taken apart; undefined if there is none of this name. */
export const parseOperator = (
  name: string,
): { operator: Operator; quantifier: Quantifier; ifExists: boolean } | undefined => {
  const [, prefix, base = '', suffix] = OPERATOR.exec(name) ?? []
  const operator = OPERATORS.get(base)
  if (operator === undefined) return undefined
  if (isOfWhole(operator) && (prefix !== undefined || suffix !== undefined)) return undefined
  const quantifier = prefix === undefined ? 'one' : prefix === 'ForAllValues' ? 'all' : 'any'
  return { operator, quantifier, ifExists: suffix !== undefined }
}
