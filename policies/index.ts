/**
 * The policy language and its decisions, for everybody outside this folder. The other doors are
 * `validate/index.ts` (the text of one file), `set/index.ts` (a folder of files) and `text/nearest.ts` (what
 * a word was meant to be): what one of them names is all that is loaded for it.
 */

// The words of the language, and its bounds.
export {
  BOUNDS,
  BUILT_IN_KEYS,
  isOfAccount,
  LANGUAGE,
  localPartOf,
  OPERATORS,
  ROLES,
  VALUE_WORDS,
} from './language.ts'
export type {
  Attachment,
  LocalPart,
  Invariant,
  Operator,
  PolicyDocument,
  Selector,
  Service,
  Statement,
  Verdict,
} from './language.ts'

// What names look like.
export {
  ASKED_KEY,
  isNamed,
  RESERVED_POLICY_NAMES,
  RESOURCE_SEGMENT,
  RESOURCE_TYPE,
  SERVICE_NAME,
  VERB,
} from './names.ts'

// What comes with authctl.
export { MANAGED_POLICIES, OWN_SERVICES } from './managed.ts'

// What policies may name.
export { createCatalogue, isPrivate, keyNames, keyOf } from './catalogue.ts'
export type { Catalogue } from './catalogue.ts'

// From documents to decisions.
export { compilePolicy, foldAction } from './engine/compile.ts'
export type { CompiledPolicy, CompiledStatement } from './engine/compile.ts'
export { listOf } from './engine/condition.ts'
export { createLayer } from './engine/layer.ts'
export { canonicalJson, canonicalMembers } from './engine/canonical-json.ts'
export { decide } from './engine/decide.ts'
export type {
  AccessRequest,
  Context,
  ContextValue,
  Decision,
  OwnedLayer,
  PrincipalFacts,
} from './engine/decide.ts'
export { accountFacts, principalFacts } from './engine/facts.ts'
export { heldBy, HeldLayers, namespacesAbove, ROOT_NAMESPACE } from './engine/held.ts'
export type { Attached } from './engine/held.ts'
export { explain } from './engine/explain.ts'
export type { Explanation } from './engine/explain.ts'

// What a question, and the values of its context, must be.
export { malformedRest } from './engine/question.ts'
export { comparesAny } from './engine/compared.ts'
export { contextFaults } from './engine/declared.ts'
export type { ContextFault } from './engine/declared.ts'
export { isInNetwork, parseNetwork } from './engine/values.ts'

// Whether a change gives more than its giver has.
export { seekLackingRight } from './ceiling/ceiling.ts'
export type { LackingRight } from './ceiling/ceiling.ts'
export { seekUnprovenRight } from './ceiling/within.ts'
export type { UnprovenRight } from './ceiling/within.ts'
export { createBudget, GrantTooLarge, isUnlimited } from './ceiling/grant.ts'
export type { Budget, Grant } from './ceiling/grant.ts'
