/** Two states of a namespace and what is between them, for everybody outside `policies/`. */
export { createAccessComparison } from './access.ts'
export { allowsAbout } from './allowing.ts'
export { canonicalText, objectText, selectorText } from './canonical.ts'
export { proveNoNewAccess } from './new-access.ts'
export type { AccessState, NewAccess } from './new-access.ts'
export { diffObjects, namedAttachments, objectKey } from './objects.ts'
export { inUseAmong } from './spared.ts'
export type { ObjectDiff, Reach } from './objects.ts'
export { simplifyDocument } from './simplify.ts'
export type { Superfluous } from './simplify.ts'
export { changedStatements, diffStatements } from './statements.ts'
export type {
  AccessChange,
  AccessCount,
  AccessDiff,
  Cause,
  Conflict,
  ElementChange,
  ExaminedAccount,
  ObjectChange,
  ObjectOrigin,
  Plan,
  PlanLimits,
  PlanOrder,
  PolicyObject,
  Refusal,
  StatementChange,
  Witness,
} from './types.ts'
