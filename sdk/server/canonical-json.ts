/**
 * The text over which digests are made, by the daemon's own code: the SDK imports it from outside its folder,
 * as `local/engine.ts` does the engine, and the build bundles it in.
 */
export { canonicalJson } from '../../policies/engine/canonical-json.ts'
