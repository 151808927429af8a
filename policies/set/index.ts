/** A folder of policies, for everybody outside `policies/`. */
export { lintSet, validateSet, validateSetInSteps } from './read.ts'
export type { PolicySet, SetFile } from './read.ts'
