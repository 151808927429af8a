/**
 * The area under the ROC curve: how often a value of the first is smaller than one of the second. 0.5 tells
 * nothing.
 */
const areaUnderRoc = (first: readonly number[], second: readonly number[]): number => {
  const all = [...first.map((value) => ({ value, own: 1 })), ...second.map((value) => ({ value, own: 0 }))]
  all.sort((a, b) => a.value - b.value)
  let below = 0
  let seen = 0
  for (const { own } of all) {
    if (own === 1) seen++
    else below += seen
  }
  return below / (first.length * second.length)
}

/**
 * Two steps timed in pairs, so that what slows the machine down slows both, each pair in an order of chance:
 * in turn one of them would meet more often what comes back after so many steps, such as a collection of
 * garbage.
 */
const timedInPairs = async (
  pairs: number,
  steps: readonly [() => Promise<unknown>, () => Promise<unknown>],
): Promise<[number[], number[]]> => {
  const times: [number[], number[]] = [[], []]
  for (let pair = 0; pair < pairs; pair++) {
    for (const turn of Math.random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const)) {
      const start = performance.now()
      await steps[turn]()
      times[turn].push(performance.now() - start)
    }
  }
  return times
}

const BAND = 0.05
/** So far from a half is no chance. */
const FAR = 0.15
const ROUNDS = 3

/**
 * Whether two steps take the same time: the area is within 0.05 of a half over `pairs` pairs. By chance it is
 * outside once in twenty times, so that up to twice more are added and all of them judged together, unless
 * the first are far outside.
 */
export const takeTheSameTime = async (
  pairs: number,
  steps: readonly [() => Promise<unknown>, () => Promise<unknown>],
): Promise<{ same: boolean; area: number }> => {
  const all: [number[], number[]] = [[], []]
  let area = 0
  for (let round = 0; round < ROUNDS; round++) {
    const [first, second] = await timedInPairs(pairs, steps)
    all[0].push(...first)
    all[1].push(...second)
    area = areaUnderRoc(...all)
    if (Math.abs(area - 0.5) <= BAND) return { same: true, area }
    if (Math.abs(area - 0.5) > FAR) break
  }
  return { same: false, area }
}
