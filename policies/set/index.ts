/** A folder of policies, for everybody outside `policies/`. */
export { lintSet, validateSet } from './read.ts'
