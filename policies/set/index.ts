/** A folder of policies, for everybody outside `policies/`. */
export { lintSet, lintSetInSteps } from './lint.ts'
export { loosenedConditions } from '../lint/conditions.ts'
export { validateSet, validateSetInSteps } from './read.ts'
export type { PolicySet, SetFile } from './read.ts'
export { formatJson } from '../text/format.ts'
export { rewriteJson } from '../text/rewrite.ts'
