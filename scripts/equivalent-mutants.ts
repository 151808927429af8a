/** A change that no decision depends on, and why. */
interface EquivalentMutant {
  /** Below `policies/`. */
  readonly file: string
  /** The line as it is and as it would be, without its indentation. */
  readonly was: string
  readonly is: string
  readonly why: string
}

/** Mutants that `npm run mutate:policies` need not run. */
export const EQUIVALENT: readonly EquivalentMutant[] = [
  {
    file: 'ceiling/regions.ts',
    was: 'return narrow.patterns.every((pattern) =>',
    is: 'return narrow.patterns.some((pattern) =>',
    why: 'a region has one pattern in each list that is no complement',
  },
]
