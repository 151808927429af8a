/**
 * Decision tests of a folder of policies, run by the engine of the daemon, for everybody outside `policies/`.
 */
export { coverageOf, reaches } from './coverage.ts'
export type { Coverage, Share } from './coverage.ts'
export { mutateSet } from './mutate.ts'
export type { IsCounted, MutationRun } from './mutate.ts'
export { renderJunit, renderLcov } from './reports.ts'
export { currentSnapshots, runTests } from './run.ts'
export type { Failed, TestResult, TestRun } from './run.ts'
