// SPDX-License-Identifier: LGPL-3.0-or-later
/*
 * The grammar of names, once. Each is the source of a regular expression without anchors, so that validators,
 * JSON Schemas and longer forms are made of the same text. The contract of the daemon and the command line
 * have copies: they import nothing of the language, and a test holds them equal.
 */

/** What a policy is called inside its namespace. */
export const POLICY_NAME = '[A-Za-z0-9][A-Za-z0-9._-]{0,63}'
/** Words that no new policy can be named by: on the server they are paths of their own. */
export const RESERVED_POLICY_NAMES: ReadonlySet<string> = new Set([
  'plan',
  'apply',
  'approve',
  'revisions',
  'rollback',
  'status',
  'replay',
  'promote',
  'shadow',
  'snapshot',
  'events',
  'changes',
  'agents',
])
/** What a statement is called inside its policy. */
export const SID = '[A-Za-z0-9_-]{1,64}'
/** What an invariant is called inside its namespace. */
export const INVARIANT_NAME = '[a-z0-9][a-z0-9._-]{0,63}'
/** What a folder of policies is called. */
export const SET_NAME = '[a-z0-9][a-z0-9._-]{0,63}'

/** Small letters only: actions are compared without regard to case, and two services must not be one. */
export const SERVICE_NAME = '[a-z][a-z0-9-]{0,31}'
/** What stands behind the colon of an action. */
export const VERB = '[A-Z][A-Za-z0-9]{0,63}'
/** An action in a policy: any case, with wildcards in the verb. */
export const ACTION_PATTERN = '[A-Za-z][A-Za-z0-9-]{0,31}:[A-Za-z0-9*?]{1,64}'

/** What stands before the first slash of a resource. */
export const RESOURCE_TYPE = '[a-z][A-Za-z0-9-]{0,31}'
/** A segment of the path of a resource; never `.` or `..`. */
export const RESOURCE_SEGMENT = '(?!\\.{1,2}(?:/|$))[A-Za-z0-9._~@:+=,-]+'

/**
 * A context key that a service declares: its own name, and names behind dots. The built-in groups are taken.
 */
export const DECLARED_KEY = `(?!(?:principal|caller|request|resource)\\.)${SERVICE_NAME}(?:\\.[A-Za-z0-9_-]+)+`
/** A context key as an asker may name it: `principal.*` and `caller.*` are for the server to say. */
export const ASKED_KEY = '(?!principal\\.|caller\\.|__proto__)[a-z][A-Za-z0-9-]*(?:\\.[A-Za-z0-9_-]+)+'
/** A context key inside `${...}`; what it names is looked up, so that the form is wide. */
export const VARIABLE_KEY = '[A-Za-z][A-Za-z0-9_.:-]*'

/**
 * What an attribute of an account is called. The daemon also refuses the three words that JavaScript gives a
 * meaning.
 */
export const ATTRIBUTE_NAME = '[A-Za-z_][A-Za-z0-9_-]{0,63}'
/**
 * The last part of the key of an attribute. Wider than {@link ATTRIBUTE_NAME}: applications name the
 * attributes of their resources as they like, and stored policies may name any of these.
 */
export const ATTRIBUTE_KEY_PART = '[A-Za-z0-9_-]{1,64}'

/**
 * The id of an account. Wider than the ids that the daemon makes: sets may be written for accounts of any
 * length.
 */
export const ACCOUNT_ID = '[a-z]{2,3}_[A-Za-z0-9]+'
/** Whose policies: everybody's, or those of an account. */
export const NAMESPACE = `(?:root|${ACCOUNT_ID})`

/** The source of an expression that matches the name and nothing else. */
export const wholly = (name: string): string => `^${name}$`

/** Whether a text is such a name, and nothing else. */
export const isNamed = (name: string): ((text: string) => boolean) => {
  const pattern = new RegExp(`^(?:${name})$`)
  return (text) => pattern.test(text)
}
