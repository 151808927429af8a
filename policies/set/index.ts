/** A folder of policies, for everybody outside `policies/`. */
export { lintSet, validateSet } from './read.ts'
export type { PolicySet } from './read.ts'
