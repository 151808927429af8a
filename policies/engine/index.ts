// SPDX-License-Identifier: LGPL-3.0-or-later
/**
 * The engine for programs outside the daemon: what the SDK bundles, so that an application can link it and
 * decide in its own process. All that stands behind this door is under the LGPL; nothing else of policies/
 * is.
 */
export { createCatalogue } from '../catalogue.ts'
export type { Catalogue } from '../catalogue.ts'
export { LANGUAGE } from '../language.ts'
export type { Service, Statement } from '../language.ts'
export { compilePolicy } from './compile.ts'
export type { CompiledPolicy } from './compile.ts'
export { decide, ownValue } from './decide.ts'
export type { AccessRequest, Context, HeldLayer, OwnedLayer, PrincipalFacts } from './decide.ts'
export { contextFaults } from './declared.ts'
export { explain } from './explain.ts'
export { accountFacts, principalFacts } from './facts.ts'
export { heldBy, HeldLayers, namespacesAbove, ownedBy } from './held.ts'
export type { Attached, Held } from './held.ts'
export { isAction, malformedPart, malformedRest } from './question.ts'
