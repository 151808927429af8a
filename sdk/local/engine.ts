/**
 * The daemon's own engine, so that a decision in the process is the decision of the daemon and no second
 * opinion. It is the only import of the SDK from outside its folder: the build bundles it in, the licence of
 * these files is that of the SDK, and what this package declares names nothing of it.
 */
export {
  accountFacts,
  compilePolicy,
  contextFaults,
  createCatalogue,
  decide,
  explain,
  heldBy,
  HeldLayers,
  isAction,
  LANGUAGE,
  malformedPart,
  malformedRest,
  namespacesAbove,
  ownedBy,
  ownValue,
  principalFacts,
} from '../../policies/engine/index.ts'
export type {
  AccessRequest,
  Attached,
  Catalogue,
  CompiledPolicy,
  Context,
  Held,
  HeldLayer,
  OwnedLayer,
  PrincipalFacts,
  Service,
  Statement,
} from '../../policies/engine/index.ts'
