/** Two states of a namespace and what is between them, for everybody outside `policies/`. */
export { createAccessComparison } from './access.ts'
export { canonicalStatement, canonicalText, selectorText } from './canonical.ts'
export { diffObjects, namedAttachments, objectKey } from './objects.ts'
export type { ObjectDiff, Reach } from './objects.ts'
export { diffStatements } from './statements.ts'
export { CHANGE_VERBS, OBJECT_KINDS } from './types.ts'
export type {
  AccessChange,
  AccessComparison,
  AccessCount,
  AccessDiff,
  Cause,
  ChangeVerb,
  Conflict,
  CreateAccessComparison,
  DiffStatements,
  ElementChange,
  ExaminedAccount,
  ObjectChange,
  ObjectKind,
  ObjectOrigin,
  Plan,
  PlanLimits,
  PlanOrder,
  PolicyObject,
  Refusal,
  StatementChange,
  Witness,
} from './types.ts'
