import { setTimeout as sleep } from 'node:timers/promises'

/** How long a call keeps failing from now on. */
export const untilWell = async (isWell: () => Promise<boolean>, deadlineMs: number): Promise<number> => {
  const start = performance.now()
  while (!(await isWell())) {
    if (performance.now() - start > deadlineMs) return Infinity
    await sleep(50)
  }
  return performance.now() - start
}
