/** After so many a long run says how far it is. */
const TOLD = 500

/** How a property of changes is tried. */
export interface PlanRuns {
  readonly runs: number
  readonly seed: number
  /** Says after each change, every few hundred of them, how far the run is and by which seed. */
  readonly tell: () => void
}

/**
 * How many random changes a property is tried with: `PLAN_RUNS`, by the seed `PLAN_SEED` or any other, which
 * is printed. By default a few, and always the same if they have a seed.
 */
export const planRuns = (name: string, few: number, usual?: number): PlanRuns => {
  const asked = process.env['PLAN_RUNS']
  const seed =
    asked === undefined && usual !== undefined
      ? usual
      : Number(process.env['PLAN_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  let done = 0
  const tell = (): void => {
    if (++done % TOLD === 0) process.stdout.write(`${name}, PLAN_SEED=${seed}: ${done} changes\n`)
  }
  return { runs: Number(asked ?? few), seed, tell }
}
